// The SMSC's memory: what it was told to do with the submits to come, and a ledger of what happened.
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;

final class SmscBook {
  static final String SYSTEM_ID = "surereach";
  /** SMPP 3.4 §4.1.1 has room for 8 characters; jSMPP refuses a longer one by itself. */
  static final String PASSWORD = "secret";

  final Lines lines;
  private int refuseStatus;
  private int refuseTimes;
  private int holdCount;
  private int cutAfter;
  private int nextId;
  private boolean hasIds33;
  private String receiptState = "none";
  private boolean receiptTlvs;
  /** By sequence_number, the newest first. */
  private final TreeMap<Integer, Runnable> held = new TreeMap<>(Comparator.reverseOrder());

  /** What becomes of one submit_sm. `messageId` is null when it is refused. */
  record Verdict(int status, String messageId, Receipting receipt, boolean swallow, boolean thenCut) {}

  /** The receipt of a message; `state` is none when there will not be one. */
  record Receipting(String state, boolean tlvs) {
    boolean isWanted() {
      return !state.equals("none");
    }
  }

  SmscBook(Lines lines) {
    this.lines = lines;
  }

  synchronized void refuse(int status, int times) {
    refuseStatus = status;
    refuseTimes = times;
  }

  /** The next `count` answers wait for each other and leave in the reverse order. */
  synchronized void hold(int count) {
    holdCount = count;
  }

  /** The next `after` submits are taken and not answered; the last of them ends the connection. */
  synchronized void cut(int after) {
    cutAfter = after;
  }

  /** As many SMSCs of SMPP 3.3 give ids: 8 hexadecimal digits in the answer, decimal in the receipt. */
  synchronized void ids33() {
    hasIds33 = true;
  }

  /** The id of a message as its receipt has it. */
  synchronized String receiptId(String id) {
    return hasIds33 ? String.format("%010d", Long.parseLong(id, 16)) : id;
  }

  private String newId() {
    nextId++;
    return hasIds33 ? String.format("%08X", 0xC0FFEE00 + nextId) : String.format("A%08X", nextId);
  }

  /** DELIVRD and the other words of SMPP 3.4 Appendix B, or none. */
  synchronized void receipts(String state, boolean tlvs) {
    receiptState = state;
    receiptTlvs = tlvs;
  }

  synchronized Verdict judge(
      int session, int sequence, String from, String to, int esmClass, int dataCoding, int registered, byte[] text,
      int tlvs) {
    int status = 0;
    if (refuseTimes > 0) {
      refuseTimes--;
      status = refuseStatus;
    }
    boolean swallow = status == 0 && cutAfter > 0;
    boolean thenCut = swallow && --cutAfter == 0;
    String id = status == 0 ? newId() : null;
    lines.tell(
        "submit", "session", session, "sequence", sequence, "from", from, "to", to, "esmClass", esmClass,
        "dataCoding", dataCoding, "registered", registered, "hex", Hex.of(text), "tlvs", tlvs,
        "status", status, "id", id);
    // SMPP 3.4 §5.2.17, bits 1-0: somebody wants to know.
    String state = status == 0 && (registered & 3) != 0 ? receiptState : "none";
    return new Verdict(status, id, new Receipting(state, receiptTlvs), swallow, thenCut);
  }

  /** Runs `answer` now, or with the others that are held. */
  void answer(int sequence, Runnable answer) {
    List<Runnable> now = new ArrayList<>();
    synchronized (this) {
      if (holdCount == 0) now.add(answer);
      else {
        held.put(sequence, answer);
        if (--holdCount == 0) {
          now.addAll(held.values());
          held.clear();
        }
      }
    }
    for (Runnable each : now) each.run();
  }

  void bound(int session, String mode, String systemId, int version) {
    lines.tell("bound", "session", session, "mode", mode, "systemId", systemId, "version", version);
  }

  /** command_status to refuse the bind with; 0: come in. ESME_RINVSYSID 0x0F, ESME_RINVPASWD 0x0E. */
  int judgeBind(String systemId, String password) {
    int status = !SYSTEM_ID.equals(systemId) ? 0x0f : PASSWORD.equals(password) ? 0 : 0x0e;
    if (status != 0) lines.tell("refused", "status", status, "systemId", systemId);
    return status;
  }

  void answered(int session, int sequence, String id) {
    lines.tell("answered", "session", session, "sequence", sequence, "id", id);
  }

  void delivered(String id, int status) {
    lines.tell("delivered", "id", id, "status", status);
  }

  void enquired(int session) {
    lines.tell("enquired", "session", session);
  }

  void unbound(int session) {
    lines.tell("unbound", "session", session);
  }

  void closed(int session) {
    lines.tell("closed", "session", session);
  }

  void failed(String what, Throwable why) {
    lines.tell("failed", "what", what, "why", String.valueOf(why));
  }
}
