// Tells when jSMPP has written a submit_sm_resp to the socket.
import java.util.function.Consumer;
import org.jsmpp.session.SMPPServerSession;
import org.jsmpp.session.ServerResponseDeliveryListener;
import org.jsmpp.session.SubmitMultiResult;
import org.jsmpp.session.SubmitSmResult;

record AnswerListener(Consumer<String> sent) implements ServerResponseDeliveryListener {
  @Override
  public void onSubmitSmRespSent(SubmitSmResult result, SMPPServerSession source) {
    sent.accept(result.getMessageId());
  }

  @Override
  public void onSubmitSmRespError(SubmitSmResult result, Exception cause, SMPPServerSession source) {}

  @Override
  public void onSubmitMultiRespSent(SubmitMultiResult result, SMPPServerSession source) {}

  @Override
  public void onSubmitMultiRespError(SubmitMultiResult result, Exception cause, SMPPServerSession source) {}
}
