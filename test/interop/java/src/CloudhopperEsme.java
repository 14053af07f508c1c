// The ESME made of cloudhopper-smpp.
import com.cloudhopper.smpp.SmppBindType;
import com.cloudhopper.smpp.SmppConstants;
import com.cloudhopper.smpp.SmppSession;
import com.cloudhopper.smpp.SmppSessionConfiguration;
import com.cloudhopper.smpp.impl.DefaultSmppClient;
import com.cloudhopper.smpp.impl.DefaultSmppSession;
import com.cloudhopper.smpp.impl.DefaultSmppSessionHandler;
import com.cloudhopper.smpp.pdu.DeliverSm;
import com.cloudhopper.smpp.pdu.EnquireLink;
import com.cloudhopper.smpp.pdu.GenericNack;
import com.cloudhopper.smpp.pdu.Pdu;
import com.cloudhopper.smpp.pdu.PduRequest;
import com.cloudhopper.smpp.pdu.PduResponse;
import com.cloudhopper.smpp.pdu.SubmitSm;
import com.cloudhopper.smpp.pdu.SubmitSmResp;
import com.cloudhopper.smpp.pdu.Unbind;
import com.cloudhopper.smpp.type.Address;
import com.cloudhopper.smpp.type.SmppBindException;
import com.cloudhopper.smpp.util.DeliveryReceipt;
import com.cloudhopper.smpp.util.DeliveryReceiptException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import org.jboss.netty.buffer.ChannelBuffers;
import org.joda.time.DateTimeZone;

final class CloudhopperEsme extends Esme {
  private final DefaultSmppClient client = new DefaultSmppClient(Executors.newCachedThreadPool());
  private final CopyOnWriteArrayList<SmppSession> sessions = new CopyOnWriteArrayList<>();

  CloudhopperEsme(Lines lines) {
    super(lines);
  }

  @Override
  int bind(Bind bind) throws Exception {
    SmppSessionConfiguration configuration =
        new SmppSessionConfiguration(SmppBindType.valueOf(bind.mode().toUpperCase()), "surereach", bind.password());
    configuration.setHost("127.0.0.1");
    configuration.setPort(bind.port());
    if (bind.isVersion33()) configuration.setInterfaceVersion(SmppConstants.VERSION_3_3);
    configuration.setWindowSize(100);
    configuration.setBindTimeout(ANSWER_WITHIN_MS);
    try {
      Handler handler = new Handler();
      handler.session = client.bind(configuration, handler);
      sessions.add(handler.session);
      return 0;
    } catch (SmppBindException refused) {
      return refused.getBindResponse().getCommandStatus();
    }
  }

  @Override
  Answer submit(Submit submit) throws Exception {
    SubmitSm pdu = new SubmitSm();
    pdu.setSourceAddress(new Address((byte) 5, (byte) 0, submit.from()));
    pdu.setDestAddress(new Address((byte) 1, (byte) 1, submit.to()));
    pdu.setEsmClass((byte) submit.esmClass());
    pdu.setDataCoding((byte) submit.dataCoding());
    pdu.setRegisteredDelivery((byte) submit.registered());
    pdu.setShortMessage(submit.octets());
    SubmitSmResp response = transmitting().submit(pdu, ANSWER_WITHIN_MS);
    return new Answer(response.getCommandStatus(), response.getMessageId());
  }

  @Override
  void write(byte[] octets) {
    for (SmppSession session : sessions) write(session, octets);
  }

  private static void write(SmppSession session, byte[] octets) {
    ((DefaultSmppSession) session).getChannel().write(ChannelBuffers.wrappedBuffer(octets));
  }

  @Override
  void enquireLink() throws Exception {
    for (SmppSession session : sessions) session.enquireLink(new EnquireLink(), ANSWER_WITHIN_MS);
  }

  @Override
  void unbind() {
    for (SmppSession session : sessions) {
      session.unbind(ANSWER_WITHIN_MS);
      // Said here: the stack calls a channel that its user ended no unexpected end.
      lines.tell("closed");
    }
    sessions.clear();
  }

  private SmppSession transmitting() {
    for (SmppSession session : sessions) {
      if (session.isBound() && session.getBindType() != SmppBindType.RECEIVER) return session;
    }
    throw new IllegalStateException("no session is bound that may submit");
  }

  private final class Handler extends DefaultSmppSessionHandler {
    private volatile SmppSession session;

    @Override
    public boolean firePduReceived(Pdu pdu) {
      if (pdu instanceof GenericNack) {
        nacks.came(pdu.getCommandStatus(), pdu.getSequenceNumber(), octets -> write(session, octets));
      }
      return true;
    }

    @Override
    @SuppressWarnings("rawtypes") // as the stack declares it
    public PduResponse firePduRequestReceived(PduRequest request) {
      if (request instanceof EnquireLink) lines.tell("enquired");
      if (request instanceof DeliverSm pdu) take(pdu);
      if (request instanceof Unbind) lines.tell("unbound");
      return request.createResponse();
    }

    @Override
    public void fireChannelUnexpectedlyClosed() {
      // Else it would count as bound for ever.
      sessions.remove(session);
      lines.tell("closed");
    }

    private void take(DeliverSm pdu) {
      Read read = null;
      try {
        if ((pdu.getEsmClass() & 0x3c) == 0x04) {
          String text = new String(pdu.getShortMessage(), StandardCharsets.ISO_8859_1);
          // Strict: a field that is missing would be an error.
          DeliveryReceipt receipt = DeliveryReceipt.parseShortMessage(text, DateTimeZone.UTC, true);
          read =
              new Read(
                  receipt.getMessageId(), DeliveryReceipt.toStateText(receipt.getState()), receipt.getRawErrorCode(),
                  receipt.getSubmitCount(), receipt.getDeliveredCount(), receipt.getSubmitDate().getMillis(),
                  receipt.getDoneDate().getMillis());
        }
      } catch (DeliveryReceiptException error) {
        lines.tell("failed", "what", "receipt", "why", error.toString());
      }
      delivered(
          pdu.getSourceAddress().getAddress(), pdu.getDestAddress().getAddress(), pdu.getEsmClass() & 0xff,
          pdu.getDataCoding() & 0xff, pdu.getShortMessage(), pdu.getOptionalParameterCount(), read);
    }
  }
}
