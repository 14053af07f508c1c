// Octets as they stand in the JSON lines.
import java.util.HexFormat;

final class Hex {
  private Hex() {}

  static String of(byte[] octets) {
    return octets == null ? "" : HexFormat.of().formatHex(octets);
  }

  static byte[] octets(String hex) {
    return HexFormat.of().parseHex(hex);
  }
}
