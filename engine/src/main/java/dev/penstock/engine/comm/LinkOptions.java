package dev.penstock.engine.comm;

import static java.util.Objects.requireNonNull;

import java.io.Serializable;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How ranks in different processes connect to each other; the same on every rank.
 *
 * @param secret what a rank proves before it is let in
 * @param heartbeatTimeout longest that nothing may be heard of a rank before the run ends
 * @param encrypted whether what ranks tell each other must not be readable on the way
 * @param networkInterface name or address of the interface to listen on; null: that of the host
 *     name
 * @param ports where to listen
 */
public record LinkOptions(
    RunSecret secret,
    Duration heartbeatTimeout,
    boolean encrypted,
    @Nullable String networkInterface,
    PortRange ports)
    implements Serializable {
  private static final Duration HEARTBEAT_TIMEOUT = Duration.ofSeconds(30);

  public LinkOptions {
    requireNonNull(secret, "secret is null");
    requireNonNull(heartbeatTimeout, "heartbeatTimeout is null");
    requireNonNull(ports, "ports is null");
  }

  /** Not encrypted, at any free port. */
  public static LinkOptions of(RunSecret secret) {
    return new LinkOptions(secret, HEARTBEAT_TIMEOUT, false, null, PortRange.ANY);
  }
}
