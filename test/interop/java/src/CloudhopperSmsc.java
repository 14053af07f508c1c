// The SMSC made of cloudhopper-smpp, which lets an answer leave whenever its handler likes.
import com.cloudhopper.smpp.SmppBindType;
import com.cloudhopper.smpp.SmppServerConfiguration;
import com.cloudhopper.smpp.SmppServerHandler;
import com.cloudhopper.smpp.SmppServerSession;
import com.cloudhopper.smpp.SmppSessionConfiguration;
import com.cloudhopper.smpp.impl.DefaultSmppServer;
import com.cloudhopper.smpp.impl.DefaultSmppSession;
import com.cloudhopper.smpp.impl.DefaultSmppSessionHandler;
import com.cloudhopper.smpp.pdu.BaseBind;
import com.cloudhopper.smpp.pdu.BaseBindResp;
import com.cloudhopper.smpp.pdu.DeliverSm;
import com.cloudhopper.smpp.pdu.EnquireLink;
import com.cloudhopper.smpp.pdu.GenericNack;
import com.cloudhopper.smpp.pdu.Pdu;
import com.cloudhopper.smpp.pdu.PduRequest;
import com.cloudhopper.smpp.pdu.PduResponse;
import com.cloudhopper.smpp.pdu.SubmitSm;
import com.cloudhopper.smpp.pdu.SubmitSmResp;
import com.cloudhopper.smpp.pdu.Unbind;
import com.cloudhopper.smpp.ssl.SslConfiguration;
import com.cloudhopper.smpp.tlv.Tlv;
import com.cloudhopper.smpp.type.Address;
import com.cloudhopper.smpp.type.SmppChannelException;
import com.cloudhopper.smpp.type.SmppProcessingException;
import com.cloudhopper.smpp.util.DeliveryReceipt;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jboss.netty.buffer.ChannelBuffers;
import org.joda.time.DateTime;

final class CloudhopperSmsc extends Smsc implements SmppServerHandler {
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final CopyOnWriteArrayList<SmppServerSession> sessions = new CopyOnWriteArrayList<>();

  CloudhopperSmsc(SmscBook book) {
    super(book);
  }

  @Override
  int listen(Keys keys) throws Exception {
    SmppServerConfiguration configuration = new SmppServerConfiguration();
    configuration.setHost("127.0.0.1");
    configuration.setSystemId("cloudhopper");
    configuration.setDefaultWindowSize(100);
    if (keys != null) {
      configuration.setUseSsl(true);
      configuration.setSslConfiguration(secured(keys));
    }
    // The stack tells nobody which free port it got, so it is given one that was free just now.
    for (int tries = 1; ; tries++) {
      configuration.setPort(freePort());
      try {
        new DefaultSmppServer(configuration, this, threads).start();
        return configuration.getPort();
      } catch (SmppChannelException taken) {
        if (tries == 10) throw taken;
      }
    }
  }

  private static SslConfiguration secured(Keys keys) {
    SslConfiguration configuration = new SslConfiguration();
    configuration.setKeyStorePath(keys.file().toString());
    configuration.setKeyStoreType(Keys.TYPE);
    configuration.setKeyStorePassword(Keys.PASSWORD);
    configuration.setKeyManagerPassword(Keys.PASSWORD);
    configuration.setKeyManagerFactoryAlgorithm(Keys.ALGORITHM);
    return configuration;
  }

  private static int freePort() throws IOException {
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return free.getLocalPort();
    }
  }

  @Override
  @SuppressWarnings("rawtypes") // as the stack declares it
  public void sessionBindRequested(Long number, SmppSessionConfiguration configuration, BaseBind request)
      throws SmppProcessingException {
    int status = book.judgeBind(request.getSystemId(), request.getPassword());
    if (status != 0) throw new SmppProcessingException(status);
  }

  @Override
  public void sessionCreated(Long number, SmppServerSession session, BaseBindResp response) {
    sessions.add(session);
    session.serverReady(new Handler(number.intValue(), session));
    String mode = "bind_" + session.getBindType().name().toLowerCase();
    SmppSessionConfiguration bound = session.getConfiguration();
    book.bound(number.intValue(), mode, bound.getSystemId(), bound.getInterfaceVersion());
  }

  @Override
  public void sessionDestroyed(Long number, SmppServerSession session) {
    sessions.remove(session);
    session.destroy();
    book.closed(number.intValue());
  }

  @Override
  int deliver(Delivery delivery) throws Exception {
    DeliverSm pdu = new DeliverSm();
    pdu.setSourceAddress(new Address((byte) 1, (byte) 1, delivery.from()));
    pdu.setDestAddress(new Address((byte) 1, (byte) 1, delivery.to()));
    pdu.setEsmClass((byte) delivery.esmClass());
    pdu.setDataCoding((byte) delivery.dataCoding());
    pdu.setShortMessage(delivery.octets());
    if (delivery.receipted() != null) {
      String id = delivery.receipted().messageId() + "\0";
      pdu.addOptionalParameter(new Tlv((short) 0x001e, id.getBytes(StandardCharsets.ISO_8859_1)));
      pdu.addOptionalParameter(new Tlv((short) 0x0427, new byte[] {delivery.receipted().messageState()}));
    }
    var sent = newest(true).sendRequestPdu(pdu, ANSWER_WITHIN_MS, true);
    if (!sent.await() || sent.getResponse() == null) throw new IllegalStateException("no deliver_sm_resp");
    return sent.getResponse().getCommandStatus();
  }

  @Override
  void write(byte[] octets) {
    write(newest(false), octets);
  }

  private static void write(SmppServerSession session, byte[] octets) {
    ((DefaultSmppSession) session).getChannel().write(ChannelBuffers.wrappedBuffer(octets));
  }

  @Override
  void enquireLink() throws Exception {
    newest(false).enquireLink(new EnquireLink(), ANSWER_WITHIN_MS);
  }

  @Override
  void unbind() {
    newest(false).unbind(ANSWER_WITHIN_MS);
  }

  @Override
  void close() {
    for (SmppServerSession session : sessions) session.close();
  }

  private SmppServerSession newest(boolean receiving) {
    for (int i = sessions.size() - 1; i >= 0; i--) {
      SmppServerSession session = sessions.get(i);
      if (!receiving || session.getBindType() != SmppBindType.TRANSMITTER) return session;
    }
    throw new IllegalStateException("no session is bound that could do this");
  }

  private void sendReceipt(SubmitSm submit, String id, SmscBook.Receipting receipt) {
    byte state = DeliveryReceipt.toState(receipt.state());
    DateTime now = new DateTime();
    String receiptId = book.receiptId(id);
    String text = new DeliveryReceipt(receiptId, 1, state == 2 ? 1 : 0, now, now, state, "000", "Notice").toShortMessage();
    Receipted tlvs = receipt.tlvs() ? new Receipted(receiptId, state) : null;
    String phone = submit.getDestAddress().getAddress();
    try {
      book.delivered(id, deliver(Delivery.receipt(phone, submit.getSourceAddress().getAddress(), text, tlvs)));
    } catch (Exception error) {
      book.failed("receipt " + id, error);
    }
  }

  private final class Handler extends DefaultSmppSessionHandler {
    private final int number;
    private final SmppServerSession session;

    Handler(int number, SmppServerSession session) {
      this.number = number;
      this.session = session;
    }

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
      if (request instanceof SubmitSm submit) return submitted(submit);
      if (request instanceof EnquireLink) book.enquired(number);
      if (request instanceof Unbind) {
        book.unbound(number);
        // The stack answers and leaves the closing to its user.
        threads.execute(() -> session.close());
      }
      return request.createResponse();
    }

    private PduResponse submitted(SubmitSm submit) {
      int sequence = submit.getSequenceNumber();
      SmscBook.Verdict verdict =
          book.judge(
              number, sequence, submit.getSourceAddress().getAddress(), submit.getDestAddress().getAddress(),
              submit.getEsmClass() & 0xff, submit.getDataCoding() & 0xff, submit.getRegisteredDelivery() & 0xff,
              submit.getShortMessage(), submit.getOptionalParameterCount());
      SubmitSmResp response = submit.createResponse();
      response.setCommandStatus(verdict.status());
      response.setMessageId(verdict.messageId());
      if (verdict.status() != 0) return response;
      if (verdict.thenCut()) threads.execute(() -> session.close());
      if (!verdict.swallow()) {
        book.answer(sequence, () -> answer(submit, response, verdict));
      }
      return null;
    }

    private void answer(SubmitSm submit, SubmitSmResp response, SmscBook.Verdict verdict) {
      try {
        session.sendResponsePdu(response);
        book.answered(number, submit.getSequenceNumber(), verdict.messageId());
      } catch (Exception error) {
        book.failed("submit_sm_resp " + verdict.messageId(), error);
        return;
      }
      if (verdict.receipt().isWanted()) {
        threads.execute(() -> sendReceipt(submit, verdict.messageId(), verdict.receipt()));
      }
    }
  }
}
