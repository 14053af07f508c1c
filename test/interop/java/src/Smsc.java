// What an SMSC of these tests can be told, whichever stack it is made of.
import com.google.gson.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.Map;

abstract class Smsc {
  /** Guess: what is not answered on loopback by then never will be. */
  static final int ANSWER_WITHIN_MS = 10_000;

  protected final SmscBook book;
  protected final Nacks nacks;

  Smsc(SmscBook book) {
    this.book = book;
    this.nacks = new Nacks(book.lines);
  }

  /** Listens on a free port of the loopback interface, over TLS when there are keys, and says which. */
  abstract int listen(Keys keys) throws Exception;

  /** Sends a deliver_sm on the newest session that may receive; returns when it was answered. */
  abstract int deliver(Delivery delivery) throws Exception;

  /** Sends octets as they are on the newest session. */
  abstract void write(byte[] octets) throws Exception;

  abstract void enquireLink() throws Exception;

  abstract void unbind() throws Exception;

  /** Closes the connections without a word. */
  abstract void close() throws Exception;

  Map<String, ?> obey(String what, JsonObject command) throws Exception {
    switch (what) {
      case "refuse" -> book.refuse(command.get("status").getAsInt(), command.get("times").getAsInt());
      case "hold" -> book.hold(command.get("count").getAsInt());
      case "cut" -> book.cut(command.get("after").getAsInt());
      case "receipts" ->
          book.receipts(command.get("state").getAsString(), command.get("tlvs").getAsBoolean());
      case "ids33" -> book.ids33();
      case "nackBack" -> nacks.nackBack();
      case "write" -> write(Hex.octets(command.get("hex").getAsString()));
      case "enquire" -> enquireLink();
      case "unbind" -> unbind();
      case "close" -> close();
      case "deliver" -> {
        return Map.of("status", deliver(Delivery.of(command)));
      }
      default -> throw new IllegalArgumentException("no such command: " + what);
    }
    return Map.of();
  }

  /** A deliver_sm to be sent. */
  record Delivery(String from, String to, int esmClass, int dataCoding, byte[] octets, Receipted receipted) {
    /** A receipt goes back the way the message came (SMPP 3.4 §4.6.1, esm_class §5.2.12). */
    static Delivery receipt(String from, String to, String text, Receipted receipted) {
      return new Delivery(from, to, 0x04, 0, text.getBytes(StandardCharsets.ISO_8859_1), receipted);
    }

    static Delivery of(JsonObject command) {
      return new Delivery(
          command.get("from").getAsString(),
          command.get("to").getAsString(),
          command.get("esmClass").getAsInt(),
          command.get("dataCoding").getAsInt(),
          Hex.octets(command.get("hex").getAsString()),
          null);
    }
  }

  /** The TLVs of a receipt, when it has them (SMPP 3.4 §5.3.2.12, §5.3.2.35). */
  record Receipted(String messageId, byte messageState) {}
}
