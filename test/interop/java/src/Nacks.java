// What a far end does with each generic_nack that comes: tells of it and, when it was told to be
// as rude as SMPPSim is, nacks it back.
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jsmpp.DefaultPDUReader;
import org.jsmpp.bean.Command;

final class Nacks {
  private static final int GENERIC_NACK = 0x80000000;
  private static final int HEADER_OCTETS = 16;
  /** SMPP 3.4 §5.1.3 ESME_RINVCMDID. */
  private static final int UNKNOWN_COMMAND = 0x03;

  /** Sends octets as they are. */
  interface Raw {
    void write(byte[] octets) throws Exception;
  }

  private final Lines lines;
  private volatile boolean areNackedBack;

  Nacks(Lines lines) {
    this.lines = lines;
  }

  void nackBack() {
    areNackedBack = true;
  }

  void came(int status, int sequence, Raw peer) {
    lines.tell("nacked", "status", status, "sequence", sequence);
    if (!areNackedBack) return;
    ByteBuffer nack = ByteBuffer.allocate(HEADER_OCTETS);
    nack.putInt(HEADER_OCTETS).putInt(GENERIC_NACK).putInt(UNKNOWN_COMMAND).putInt(sequence);
    try {
      peer.write(nack.array());
    } catch (Exception error) {
      lines.tell("failed", "what", "generic_nack", "why", error.toString());
    }
  }

  /** jSMPP tells nobody of a generic_nack that answers nothing; this sees it go by. */
  DefaultPDUReader reader(Raw peer) {
    return new DefaultPDUReader() {
      @Override
      public byte[] readPDU(DataInputStream in, Command header) throws IOException {
        if (header.getCommandId() == GENERIC_NACK) {
          came(header.getCommandStatus(), header.getSequenceNumber(), peer);
        }
        return super.readPDU(in, header);
      }
    };
  }
}
