// The certificates of a far end over TLS: of every NAME.crt and NAME.key in a folder, PEM. Which of
// them it shows is decided by the name that SNI asks for: "PKIX" looks there, the default of Java
// takes the first that fits the cipher.
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/** `file` is a PKCS 12 store beside the certificates, for the stack that reads nothing else. */
record Keys(KeyStore store, Path file) {
  static final String PASSWORD = "far-end";
  static final String TYPE = "PKCS12";
  static final String ALGORITHM = "PKIX";

  static Keys in(Path folder) throws Exception {
    KeyStore store = KeyStore.getInstance(TYPE);
    store.load(null, null);
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*.crt")) {
      for (Path file : files) {
        String name = file.getFileName().toString().replaceFirst("[.]crt$", "");
        store.setKeyEntry(name, key(folder.resolve(name + ".key")), PASSWORD.toCharArray(), chain(file));
      }
    }
    Path written = folder.resolve("keys.p12");
    try (OutputStream out = Files.newOutputStream(written)) {
      store.store(out, PASSWORD.toCharArray());
    }
    return new Keys(store, written);
  }

  SSLContext context() throws Exception {
    KeyManagerFactory managers = KeyManagerFactory.getInstance(ALGORITHM);
    managers.init(store, PASSWORD.toCharArray());
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(managers.getKeyManagers(), null, null);
    return context;
  }

  private static Certificate[] chain(Path file) throws Exception {
    try (InputStream in = Files.newInputStream(file)) {
      return CertificateFactory.getInstance("X.509").generateCertificates(in).toArray(new Certificate[0]);
    }
  }

  private static PrivateKey key(Path file) throws Exception {
    String base64 = Files.readString(file).replaceAll("-----[A-Z ]+-----", "");
    return KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(base64)));
  }
}
