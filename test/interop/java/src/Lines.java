// JSON objects, one a line: commands from stdin, events to stdout.
import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonObject;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

final class Lines {
  /** What it returns is told with the "done" of the command. */
  interface Obedient {
    Map<String, ?> obey(String what, JsonObject command) throws Exception;
  }

  private static final Gson GSON = new GsonBuilder().serializeNulls().create();

  synchronized void say(Map<String, ?> event) {
    System.out.println(GSON.toJson(event));
    System.out.flush();
  }

  /** An event with its fields as name, value, name, value … */
  void tell(String event, Object... fields) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("event", event);
    for (int i = 0; i < fields.length; i += 2) line.put((String) fields[i], fields[i + 1]);
    say(line);
  }

  /** Until stdin ends, as it does when the test dies. Commands may wait for the peer: each has a thread. */
  void obey(Obedient obedient) throws Exception {
    ExecutorService threads = Executors.newCachedThreadPool();
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      JsonObject command = GSON.fromJson(line, JsonObject.class);
      threads.execute(() -> run(obedient, command));
    }
  }

  private void run(Obedient obedient, JsonObject command) {
    Map<String, Object> done = new LinkedHashMap<>();
    done.put("event", "done");
    done.put("ref", command.get("ref").getAsInt());
    try {
      done.putAll(obedient.obey(command.get("do").getAsString(), command));
    } catch (Exception error) {
      done.put("error", error.toString());
    }
    say(done);
  }
}
