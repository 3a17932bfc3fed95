package dev.penstock.engine.comm;

import static java.util.Objects.requireNonNull;

/**
 * What a rank tells the others about itself at rendezvous.
 *
 * @param host host name or address the other ranks can reach
 * @param jvm an id unique to this rank's JVM process, the same for all ranks inside it
 * @param device {@code cpu} or {@code cuda:N}
 */
public record RankAddress(String host, String jvm, String device) {
  public RankAddress {
    requireNonNull(host, "host is null");
    requireNonNull(jvm, "jvm is null");
    requireNonNull(device, "device is null");
  }

  public boolean isCuda() {
    return device.startsWith("cuda");
  }
}
