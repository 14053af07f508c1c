// What an ESME of these tests can be told, whichever stack it is made of.
import com.google.gson.JsonObject;
import java.util.LinkedHashMap;
import java.util.Map;

abstract class Esme implements Lines.Obedient {
  /** Guess: what is not answered on loopback by then never will be. */
  static final int ANSWER_WITHIN_MS = 10_000;

  protected final Lines lines;
  protected final Nacks nacks;

  Esme(Lines lines) {
    this.lines = lines;
    this.nacks = new Nacks(lines);
  }

  /** Returns the command_status of the answer. */
  abstract int bind(Bind bind) throws Exception;

  abstract Answer submit(Submit submit) throws Exception;

  /** Sends octets as they are on every session. */
  abstract void write(byte[] octets) throws Exception;

  abstract void enquireLink() throws Exception;

  /** unbind, the answer to it, and the end of the connections. */
  abstract void unbind() throws Exception;

  @Override
  public Map<String, ?> obey(String what, JsonObject command) throws Exception {
    switch (what) {
      case "bind" -> {
        return Map.of("status", bind(Bind.of(command)));
      }
      case "submit" -> {
        Answer answer = submit(Submit.of(command));
        Map<String, Object> told = new LinkedHashMap<>();
        told.put("status", answer.status());
        told.put("id", answer.id());
        return told;
      }
      case "nackBack" -> nacks.nackBack();
      case "write" -> write(Hex.octets(command.get("hex").getAsString()));
      case "enquire" -> enquireLink();
      case "unbind" -> unbind();
      default -> throw new IllegalArgumentException("no such command: " + what);
    }
    return Map.of();
  }

  /** A deliver_sm that came; of a receipt, what the stack's own parser makes of it. */
  void delivered(String from, String to, int esmClass, int dataCoding, byte[] text, int tlvs, Read receipt) {
    lines.tell(
        "delivered", "from", from, "to", to, "esmClass", esmClass, "dataCoding", dataCoding, "hex", Hex.of(text),
        "tlvs", tlvs, "receipt", receipt);
  }

  /** `mode` is transceiver, transmitter or receiver. */
  record Bind(int port, String mode, String password, boolean isVersion33) {
    static Bind of(JsonObject command) {
      return new Bind(
          command.get("port").getAsInt(),
          command.get("mode").getAsString(),
          command.get("password").getAsString(),
          command.get("version").getAsInt() == 0x33);
    }
  }

  record Submit(String from, String to, int esmClass, int dataCoding, int registered, byte[] octets) {
    static Submit of(JsonObject command) {
      return new Submit(
          command.get("from").getAsString(),
          command.get("to").getAsString(),
          command.get("esmClass").getAsInt(),
          command.get("dataCoding").getAsInt(),
          command.get("registered").getAsInt(),
          Hex.octets(command.get("hex").getAsString()));
    }
  }

  /** `id` is null when the message was refused. */
  record Answer(int status, String id) {}

  /** Dates are epoch milliseconds; ids and words are strings as they came. */
  record Read(String id, String state, String error, int submitted, int delivered, long submittedAt, long doneAt) {}
}
