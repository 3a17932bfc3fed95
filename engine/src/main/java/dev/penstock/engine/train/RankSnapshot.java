package dev.penstock.engine.train;

import dev.penstock.engine.schedule.TimelineSpan;
import java.io.Serializable;
import java.util.List;

/**
 * How a pipeline rank of the first replica fared in a step, for those who watch a run.
 *
 * @param step step number, from 1; all ranks tell of the same steps
 * @param ppRank the pipeline rank
 * @param ppSize how many there are
 * @param peakBytes most memory that the processes of this pipeline rank have held so far, over all
 *     replicas; 0 if nobody measured
 * @param spans its last pipeline step, in milliseconds; empty if that has too many actions to send
 */
public record RankSnapshot(
    long step, int ppRank, int ppSize, long peakBytes, List<TimelineSpan> spans)
    implements Serializable {
  public RankSnapshot {
    spans = List.copyOf(spans);
  }
}
