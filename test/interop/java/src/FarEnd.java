// The far end of an interop test: an SMSC or an ESME made of somebody else's SMPP stack.
// Usage: FarEnd smsc|esme jsmpp|cloudhopper [folder of certificates, for an SMSC over TLS]. Says
// {"ready":true,…}, then one JSON object a line: commands on stdin, each with a "ref" that its
// {"event":"done"} repeats; what happens on stdout.
import java.nio.file.Path;
import java.util.Map;

public final class FarEnd {
  private FarEnd() {}

  public static void main(String[] args) {
    int code = 0;
    try {
      run(args);
    } catch (Exception error) {
      error.printStackTrace();
      code = 1;
    }
    // Stacks leave threads behind that are no daemons.
    System.exit(code);
  }

  private static void run(String[] args) throws Exception {
    String kind = args[0] + "/" + args[1];
    Lines lines = new Lines();
    Keys keys = args.length > 2 ? Keys.in(Path.of(args[2])) : null;
    switch (kind) {
      case "smsc/jsmpp" -> serve(new JsmppSmsc(new SmscBook(lines)), keys, lines);
      case "smsc/cloudhopper" -> serve(new CloudhopperSmsc(new SmscBook(lines)), keys, lines);
      case "esme/jsmpp" -> obey(new JsmppEsme(lines), lines);
      case "esme/cloudhopper" -> obey(new CloudhopperEsme(lines), lines);
      default -> throw new IllegalArgumentException(kind + ": say smsc|esme and jsmpp|cloudhopper");
    }
  }

  private static void serve(Smsc smsc, Keys keys, Lines lines) throws Exception {
    lines.say(Map.of("ready", true, "port", smsc.listen(keys)));
    lines.obey(smsc::obey);
  }

  private static void obey(Lines.Obedient esme, Lines lines) throws Exception {
    lines.say(Map.of("ready", true));
    lines.obey(esme);
  }
}
