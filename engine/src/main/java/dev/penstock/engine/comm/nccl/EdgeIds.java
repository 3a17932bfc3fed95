package dev.penstock.engine.comm.nccl;

import dev.penstock.engine.comm.Rendezvous;
import dev.penstock.engine.comm.TransportException;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The unique ids of all edges: each rank makes those of the edges that start at it. A rank whose
 * node lacks the libraries says so to all, so that every rank fails with the reason.
 */
final class EdgeIds {
  private static final String FAILED = "failed ";
  private static final Pattern SEPARATOR = Pattern.compile(" ");

  private EdgeIds() {}

  /** Item {@code [i][j]} is the id of the edge from rank i to rank j; one allGather. */
  static List<List<NcclUniqueId>> exchange(Rendezvous rendezvous) {
    return exchange(
        rendezvous,
        () -> {
          NcclLibrary.require();
          return NcclUniqueId.create();
        });
  }

  static List<List<NcclUniqueId>> exchange(Rendezvous rendezvous, Supplier<NcclUniqueId> newId) {
    RuntimeException failure = null;
    String message;
    try {
      message = encode(Stream.generate(newId).limit(rendezvous.size()).toList());
    } catch (RuntimeException e) {
      failure = e;
      message = FAILED + e.getMessage();
    }
    List<String> messages = rendezvous.allGather(message);
    if (failure != null) {
      throw failure;
    }
    for (int rank = 0; rank < messages.size(); rank++) {
      if (messages.get(rank).startsWith(FAILED)) {
        throw new TransportException(
            String.format(
                Locale.ROOT, "Rank %d: %s", rank, messages.get(rank).substring(FAILED.length())));
      }
    }
    return IntStream.range(0, messages.size()).mapToObj(i -> decode(messages.get(i))).toList();
  }

  private static String encode(List<NcclUniqueId> ids) {
    return ids.stream().map(NcclUniqueId::encode).collect(Collectors.joining(" "));
  }

  private static List<NcclUniqueId> decode(String message) {
    return SEPARATOR.splitAsStream(message).map(NcclUniqueId::decode).toList();
  }
}
