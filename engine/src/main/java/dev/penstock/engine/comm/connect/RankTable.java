package dev.penstock.engine.comm.connect;

import dev.penstock.engine.comm.RankAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * What all ranks told about themselves, in rank order. Every rank validates the same table, so that
 * either all go on or all fail, with the same words.
 *
 * @param ports where each of them listens; 0: nowhere
 */
record RankTable(List<RankAddress> ranks, List<Integer> ports) {
  enum Kind {
    LOOPBACK,
    TCP,
    NCCL
  }

  private static final String SEPARATOR = "\t";
  private static final Pattern PORT = Pattern.compile("\\d{1,5}");
  private static final Pattern DEVICE = Pattern.compile("cpu|cuda:\\d+");

  RankTable {
    ranks = List.copyOf(ranks);
    ports = List.copyOf(ports);
    checkDevices(ranks);
    checkOneDeviceKind(ranks);
    checkOneRankPerGpu(ranks);
  }

  /** One line: host, JVM, device and port, separated by tabs. */
  static String encode(RankAddress address, int port) {
    return String.join(
        SEPARATOR, address.host(), address.jvm(), address.device(), Integer.toString(port));
  }

  static RankTable parse(List<String> messages) {
    List<RankAddress> ranks = new ArrayList<>();
    List<Integer> ports = new ArrayList<>();
    for (String message : messages) {
      String[] fields = message.split(SEPARATOR, -1);
      if (fields.length != 4 || !PORT.matcher(fields[3]).matches()) {
        throw new IllegalArgumentException(
            "Not the address of a rank: '%s'. All ranks must run the same version of Penstock."
                .formatted(message));
      }
      ranks.add(new RankAddress(fields[0], fields[1], fields[2]));
      ports.add(Integer.parseInt(fields[3]));
    }
    return new RankTable(ranks, ports);
  }

  /** What the ranks call each other at. */
  List<InetSocketAddress> addresses() {
    return IntStream.range(0, ranks.size())
        .mapToObj(
            rank -> InetSocketAddress.createUnresolved(ranks.get(rank).host(), ports.get(rank)))
        .toList();
  }

  Kind kind() {
    if (ranks.get(0).isCuda()) {
      return Kind.NCCL;
    }
    boolean oneJvm = ranks.stream().map(RankAddress::jvm).distinct().count() == 1;
    return oneJvm ? Kind.LOOPBACK : Kind.TCP;
  }

  private static void checkDevices(List<RankAddress> ranks) {
    for (int rank = 0; rank < ranks.size(); rank++) {
      String device = ranks.get(rank).device();
      if (!DEVICE.matcher(device).matches()) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                "Rank %d has the unknown device '%s'. Use cpu or cuda:N.",
                rank,
                device));
      }
    }
  }

  private static void checkOneDeviceKind(List<RankAddress> ranks) {
    for (int rank = 1; rank < ranks.size(); rank++) {
      if (ranks.get(rank).isCuda() != ranks.get(0).isCuda()) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                ("Ranks must all be on GPUs or all on CPUs, but rank 0 on %s is on %s and rank %d on"
                    + " %s is on %s. Set the device explicitly, or give every executor a GPU."),
                ranks.get(0).host(),
                ranks.get(0).device(),
                rank,
                ranks.get(rank).host(),
                ranks.get(rank).device()));
      }
    }
  }

  private static void checkOneRankPerGpu(List<RankAddress> ranks) {
    Map<String, Integer> owners = new HashMap<>();
    for (int rank = 0; rank < ranks.size(); rank++) {
      RankAddress address = ranks.get(rank);
      if (!address.isCuda()) {
        continue;
      }
      Integer owner = owners.putIfAbsent(address.host() + SEPARATOR + address.device(), rank);
      if (owner != null) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                ("Ranks %d and %d share %s of host %s, but each rank needs a GPU of its own. Give"
                    + " every task one whole GPU, or start fewer ranks on the host."),
                owner,
                rank,
                address.device(),
                address.host()));
      }
    }
  }
}
