package dev.penstock.engine.comm;

import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * What the ranks of one run know and nobody else does. The host of the run makes it and hands it to
 * each rank; it is never sent, only proven, and no message shows it.
 */
public final class RunSecret implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final int BYTES = 32;
  private static final String MAC = "HmacSHA256";

  private final byte[] bytes;

  private RunSecret(byte[] bytes) {
    this.bytes = bytes;
  }

  /** A new one. */
  public static RunSecret random() {
    byte[] bytes = new byte[BYTES];
    new SecureRandom().nextBytes(bytes);
    return new RunSecret(bytes);
  }

  /** The one that follows from a text which only the ranks know. */
  public static RunSecret of(String text) {
    return new RunSecret(
        new RunSecret(new byte[] {1}).derive(text.getBytes(StandardCharsets.UTF_8)));
  }

  /** 32 bytes that only who has the secret can make of these parts, whose lengths are fixed. */
  public byte[] derive(byte[]... parts) {
    try {
      Mac mac = Mac.getInstance(MAC);
      mac.init(new SecretKeySpec(bytes, MAC));
      for (byte[] part : parts) {
        mac.update(part);
      }
      return mac.doFinal();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("Every Java has " + MAC, e);
    }
  }

  @Override
  public String toString() {
    return "RunSecret[hidden]";
  }
}
