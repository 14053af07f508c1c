// The SMSC made of jSMPP. Its answer leaves when the listener returns, so what is held back holds a
// thread of the session: there are more of those than any test holds back.
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Date;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import javax.net.ServerSocketFactory;
import org.jsmpp.DefaultPDUSender;
import org.jsmpp.PDUStringException;
import org.jsmpp.bean.BindType;
import org.jsmpp.bean.DataCodings;
import org.jsmpp.bean.DeliveryReceipt;
import org.jsmpp.bean.ESMClass;
import org.jsmpp.bean.EnquireLink;
import org.jsmpp.bean.NumberingPlanIndicator;
import org.jsmpp.bean.OptionalParameter;
import org.jsmpp.bean.RegisteredDelivery;
import org.jsmpp.bean.SubmitSm;
import org.jsmpp.bean.TypeOfNumber;
import org.jsmpp.extra.NegativeResponseException;
import org.jsmpp.extra.ProcessRequestException;
import org.jsmpp.extra.SessionState;
import org.jsmpp.session.BindRequest;
import org.jsmpp.session.SMPPServerSession;
import org.jsmpp.session.SubmitSmResult;
import org.jsmpp.session.connection.socket.SocketConnection;
import org.jsmpp.util.DeliveryReceiptState;
import org.jsmpp.util.MessageId;

final class JsmppSmsc extends Smsc {
  private static final int THREADS_PER_SESSION = 32;
  /** More than any window of these tests: beyond it jSMPP answers ESME_RTHROTTLED by itself. */
  private static final int QUEUE_CAPACITY = 1000;

  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final CopyOnWriteArrayList<Session> sessions = new CopyOnWriteArrayList<>();
  /** Messages whose submit_sm_resp is about to leave. */
  private final Map<String, Answer> answers = new ConcurrentHashMap<>();

  private record Answer(SubmitSm submit, SmscBook.Receipting receipt, CountDownLatch sent) {}

  JsmppSmsc(SmscBook book) {
    super(book);
  }

  @Override
  int listen(Keys keys) throws Exception {
    ServerSocketFactory sockets =
        keys == null ? ServerSocketFactory.getDefault() : keys.context().getServerSocketFactory();
    ServerSocket server = sockets.createServerSocket(0, 50, InetAddress.getLoopbackAddress());
    threads.execute(() -> accept(server));
    return server.getLocalPort();
  }

  private void accept(ServerSocket server) {
    for (int number = 1; ; number++) {
      try {
        Socket socket = server.accept();
        Session session = new Session(socket, number);
        threads.execute(session::greet);
      } catch (IOException error) {
        book.failed("accept", error);
        return;
      }
    }
  }

  @Override
  int deliver(Delivery delivery) throws Exception {
    Session session = newest(true);
    OptionalParameter[] tlvs =
        delivery.receipted() == null
            ? new OptionalParameter[0]
            : new OptionalParameter[] {
              new OptionalParameter.Receipted_message_id(delivery.receipted().messageId()),
              new OptionalParameter.Message_state(delivery.receipted().messageState())
            };
    try {
      session.deliverShortMessage(
          "",
          TypeOfNumber.INTERNATIONAL, NumberingPlanIndicator.ISDN, delivery.from(),
          TypeOfNumber.INTERNATIONAL, NumberingPlanIndicator.ISDN, delivery.to(),
          new ESMClass(delivery.esmClass()), (byte) 0, (byte) 0, new RegisteredDelivery(0),
          DataCodings.newInstance((byte) delivery.dataCoding()), delivery.octets(), tlvs);
      return 0;
    } catch (NegativeResponseException refused) {
      return refused.getCommandStatus();
    }
  }

  @Override
  void write(byte[] octets) throws IOException {
    newest(false).socket.getOutputStream().write(octets);
  }

  @Override
  void enquireLink() throws Exception {
    newest(false).ask();
  }

  @Override
  void unbind() throws Exception {
    // Sends unbind, waits for unbind_resp, closes.
    newest(false).unbindAndClose();
  }

  @Override
  void close() {
    for (Session session : sessions) session.close();
  }

  private Session newest(boolean receiving) {
    for (int i = sessions.size() - 1; i >= 0; i--) {
      Session session = sessions.get(i);
      SessionState state = session.getSessionState();
      if (receiving ? state.isReceivable() : state.isBound()) return session;
    }
    throw new IllegalStateException("no session is bound that could do this");
  }

  private void sendReceipt(String id, Answer answer) {
    SubmitSm submit = answer.submit();
    DeliveryReceiptState state = DeliveryReceiptState.getByName(answer.receipt().state());
    Date now = new Date();
    String receiptId = book.receiptId(id);
    String text =
        new DeliveryReceipt(receiptId, 1, state == DeliveryReceiptState.DELIVRD ? 1 : 0, now, now, state, "000", "Notice")
            .toString();
    Receipted tlvs = answer.receipt().tlvs() ? new Receipted(receiptId, (byte) (state.value() + 1)) : null;
    try {
      book.delivered(id, deliver(Delivery.receipt(submit.getDestAddress(), submit.getSourceAddr(), text, tlvs)));
    } catch (Exception error) {
      book.failed("receipt " + id, error);
    }
  }

  /** One connection; jSMPP lets only a subclass see enquire_link. */
  private final class Session extends SMPPServerSession {
    private final Socket socket;
    private final int number;
    private final CountDownLatch gone = new CountDownLatch(1);

    Session(Socket socket, int number) throws IOException {
      super(
          new SocketConnection(socket),
          (next, previous, source) -> {}, // null would be called
          null, null, THREADS_PER_SESSION, QUEUE_CAPACITY, new DefaultPDUSender(),
          nacks.reader(octets -> socket.getOutputStream().write(octets)));
      this.socket = socket;
      this.number = number;
      setTransactionTimer(ANSWER_WITHIN_MS);
      setMessageReceiverListener(new SubmitListener(this::submitted));
      setResponseDeliveryListener(new AnswerListener(JsmppSmsc.this::answered));
      addSessionStateListener(
          (next, previous, source) -> {
            if (next == SessionState.CLOSED && previous != SessionState.CLOSED) {
              sessions.remove(this);
              gone.countDown();
              book.closed(number);
            } else if (next == SessionState.UNBOUND) book.unbound(number);
          });
    }

    void greet() {
      try {
        BindRequest request = waitForBind(ANSWER_WITHIN_MS);
        int status = book.judgeBind(request.getSystemId(), request.getPassword());
        if (status != 0) {
          request.reject(status);
          return;
        }
        sessions.add(this);
        request.accept("jsmpp");
        book.bound(number, modeOf(request.getBindType()), request.getSystemId(), request.getInterfaceVersion().value());
      } catch (Exception error) {
        book.failed("bind", error);
      }
    }

    void ask() throws Exception {
      sendEnquireLink();
    }

    @Override
    protected void fireAcceptEnquirelink(EnquireLink enquireLink) {
      book.enquired(number);
    }

    private SubmitSmResult submitted(SubmitSm submit) throws ProcessRequestException {
      int sequence = submit.getSequenceNumber();
      SmscBook.Verdict verdict =
          book.judge(
              number, sequence, submit.getSourceAddr(), submit.getDestAddress(), submit.getEsmClass() & 0xff,
              submit.getDataCoding() & 0xff, submit.getRegisteredDelivery() & 0xff, submit.getShortMessage(),
              submit.getOptionalParameters().length);
      if (verdict.status() != 0) throw new ProcessRequestException("as told", verdict.status());
      if (verdict.thenCut()) threads.execute(this::close);
      if (verdict.swallow()) {
        await(gone);
        throw new ProcessRequestException("nobody is there to hear it", 0x08);
      }
      CountDownLatch mayAnswer = new CountDownLatch(1);
      Answer answer = new Answer(submit, verdict.receipt(), new CountDownLatch(1));
      answers.put(verdict.messageId(), answer);
      Runnable release =
          () -> {
            mayAnswer.countDown();
            await(answer.sent());
            book.answered(number, sequence, verdict.messageId());
          };
      threads.execute(() -> book.answer(sequence, release));
      await(mayAnswer);
      try {
        return new SubmitSmResult(new MessageId(verdict.messageId()), new OptionalParameter[0]);
      } catch (PDUStringException error) {
        throw new IllegalStateException(error);
      }
    }
  }

  private void answered(String id) {
    Answer answer = answers.remove(id);
    if (answer == null) return;
    answer.sent().countDown();
    if (answer.receipt().isWanted()) threads.execute(() -> sendReceipt(id, answer));
  }

  private static String modeOf(BindType type) {
    return switch (type) {
      case BIND_TX -> "bind_transmitter";
      case BIND_RX -> "bind_receiver";
      case BIND_TRX -> "bind_transceiver";
    };
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await(ANSWER_WITHIN_MS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }
}
