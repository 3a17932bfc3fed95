package dev.penstock.datasets.shard;

import java.util.List;

/**
 * Makes rows of records that are in memory.
 *
 * @param padToMultipleOf as in {@link ShardManifest}
 */
record RowDecoder(ShardFormat format, int padToMultipleOf) {
  /** Where a sequence is in memory. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Place(byte[] records, int offset) {}

  /** The place of a sequence of a window, by its offset there. */
  Place place(LoadedWindow window, int offsetInWindow) {
    int record = window.part().indexOf(offsetInWindow);
    return new Place(window.records(), record * format.recordBytes());
  }

  /** The rows that are read together. */
  TokenRows decode(List<Place> places) {
    TokenRows rows = new TokenRows(places.size(), length(places), format.weighted());
    for (int i = 0; i < places.size(); i++) {
      Place place = places.get(i);
      format.decode(place.records, place.offset, rows, i);
    }
    return rows;
  }

  /** Tokens of each of some sequences that are read together. */
  private int length(List<Place> places) {
    if (padToMultipleOf == 0) {
      return format.seqLength();
    }
    int longest =
        places.stream()
            .mapToInt(place -> format.firstDocument(place.records, place.offset))
            .max()
            .orElse(1);
    long rounded = (longest + padToMultipleOf - 1L) / padToMultipleOf * padToMultipleOf;
    return (int) Math.min(format.seqLength(), Math.max(2, rounded));
  }
}
