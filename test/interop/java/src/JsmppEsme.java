// The ESME made of jSMPP.
import java.io.IOException;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jsmpp.DefaultPDUSender;
import org.jsmpp.bean.AlertNotification;
import org.jsmpp.bean.BindType;
import org.jsmpp.bean.DataCodings;
import org.jsmpp.bean.DataSm;
import org.jsmpp.bean.DeliverSm;
import org.jsmpp.bean.DeliveryReceipt;
import org.jsmpp.bean.ESMClass;
import org.jsmpp.bean.EnquireLink;
import org.jsmpp.bean.InterfaceVersion;
import org.jsmpp.bean.NumberingPlanIndicator;
import org.jsmpp.bean.RegisteredDelivery;
import org.jsmpp.bean.TypeOfNumber;
import org.jsmpp.extra.NegativeResponseException;
import org.jsmpp.extra.ProcessRequestException;
import org.jsmpp.extra.SessionState;
import org.jsmpp.session.BindParameter;
import org.jsmpp.session.DataSmResult;
import org.jsmpp.session.MessageReceiverListener;
import org.jsmpp.session.SMPPSession;
import org.jsmpp.session.Session;
import org.jsmpp.session.connection.Connection;
import org.jsmpp.session.connection.ConnectionFactory;
import org.jsmpp.session.connection.socket.SocketConnectionFactory;
import org.jsmpp.util.InvalidDeliveryReceiptException;

final class JsmppEsme extends Esme {
  /** Also how long a submit waits whose connection is gone: jSMPP ends it no sooner. */
  private static final int TRANSACTION_MS = 3_000;

  private final CopyOnWriteArrayList<AskingSession> sessions = new CopyOnWriteArrayList<>();

  JsmppEsme(Lines lines) {
    super(lines);
  }

  @Override
  int bind(Bind bind) throws Exception {
    AskingSession session = new AskingSession();
    session.setTransactionTimer(TRANSACTION_MS);
    session.setMessageReceiverListener(new Listener());
    session.addSessionStateListener(
        (next, previous, source) -> {
          if (next == SessionState.CLOSED) {
            sessions.remove(session);
            lines.tell("closed");
          }
        });
    BindType type =
        switch (bind.mode()) {
          case "transmitter" -> BindType.BIND_TX;
          case "receiver" -> BindType.BIND_RX;
          default -> BindType.BIND_TRX;
        };
    BindParameter parameter =
        new BindParameter(
            type, "surereach", bind.password(), "", TypeOfNumber.UNKNOWN, NumberingPlanIndicator.UNKNOWN, "",
            bind.isVersion33() ? InterfaceVersion.IF_33 : InterfaceVersion.IF_34);
    try {
      session.connectAndBind("127.0.0.1", bind.port(), parameter, ANSWER_WITHIN_MS);
    } catch (IOException refused) {
      if (refused.getCause() instanceof NegativeResponseException answer) return answer.getCommandStatus();
      throw refused;
    }
    sessions.add(session);
    return 0;
  }

  @Override
  Answer submit(Submit submit) throws Exception {
    try {
      String id =
          transmitting()
              .submitShortMessage(
                  "",
                  TypeOfNumber.ALPHANUMERIC, NumberingPlanIndicator.UNKNOWN, submit.from(),
                  TypeOfNumber.INTERNATIONAL, NumberingPlanIndicator.ISDN, submit.to(),
                  new ESMClass(submit.esmClass()), (byte) 0, (byte) 0, null, null,
                  new RegisteredDelivery(submit.registered()), (byte) 0,
                  DataCodings.newInstance((byte) submit.dataCoding()), (byte) 0, submit.octets())
              .getMessageId();
      return new Answer(0, id);
    } catch (NegativeResponseException refused) {
      return new Answer(refused.getCommandStatus(), null);
    }
  }

  @Override
  void write(byte[] octets) throws Exception {
    for (AskingSession session : sessions) session.write(octets);
  }

  @Override
  void enquireLink() throws Exception {
    for (AskingSession session : sessions) session.ask();
  }

  @Override
  void unbind() throws Exception {
    for (AskingSession session : sessions) session.unbindAndClose();
  }

  private SMPPSession transmitting() {
    for (AskingSession session : sessions) if (session.getSessionState().isTransmittable()) return session;
    throw new IllegalStateException("no session is bound that may submit");
  }

  /** jSMPP lets only a subclass send enquire_link when it likes, and see one that came. */
  private final class AskingSession extends SMPPSession {
    AskingSession() {
      this(new RawConnections());
    }

    private AskingSession(RawConnections connections) {
      super(new DefaultPDUSender(), nacks.reader(connections::write), connections);
    }

    void write(byte[] octets) throws IOException {
      connection().getOutputStream().write(octets);
    }

    void ask() throws Exception {
      sendEnquireLink();
    }

    @Override
    protected void fireAcceptEnquirelink(EnquireLink enquireLink) {
      lines.tell("enquired");
    }
  }

  /** Gives jSMPP its one connection, and remembers it. */
  private static final class RawConnections implements ConnectionFactory {
    private volatile Connection connection;

    @Override
    public Connection createConnection(String host, int port) throws IOException {
      connection = SocketConnectionFactory.getInstance().createConnection(host, port);
      return connection;
    }

    void write(byte[] octets) throws IOException {
      connection.getOutputStream().write(octets);
    }
  }

  private final class Listener implements MessageReceiverListener {
    @Override
    public void onAcceptDeliverSm(DeliverSm pdu) throws ProcessRequestException {
      Read read = null;
      try {
        if (pdu.isSmscDeliveryReceipt()) {
          DeliveryReceipt receipt = pdu.getShortMessageAsDeliveryReceipt();
          read =
              new Read(
                  receipt.getId(), receipt.getFinalStatus().name(), receipt.getError(), receipt.getSubmitted(),
                  receipt.getDelivered(), receipt.getSubmitDate().getTime(), receipt.getDoneDate().getTime());
        }
      } catch (InvalidDeliveryReceiptException error) {
        lines.tell("failed", "what", "receipt", "why", error.toString());
      }
      delivered(
          pdu.getSourceAddr(), pdu.getDestAddress(), pdu.getEsmClass() & 0xff, pdu.getDataCoding() & 0xff,
          pdu.getShortMessage(), pdu.getOptionalParameters().length, read);
    }

    @Override
    public void onAcceptAlertNotification(AlertNotification alert) {}

    @Override
    public DataSmResult onAcceptDataSm(DataSm request, Session source) throws ProcessRequestException {
      throw new ProcessRequestException("not in these tests", 0x03);
    }
  }
}
