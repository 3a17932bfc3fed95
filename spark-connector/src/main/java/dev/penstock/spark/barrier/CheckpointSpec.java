package dev.penstock.spark.barrier;

import dev.penstock.engine.checkpoint.Retention;
import dev.penstock.engine.checkpoint.RunIdentity;
import dev.penstock.engine.train.CheckpointInputs;
import dev.penstock.spark.fs.HadoopFolder;
import java.io.IOException;
import java.io.Serializable;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;

/**
 * Where the ranks of an attempt write checkpoints and what they go on from.
 *
 * @param folder where they go, on a Hadoop file system that all executors reach
 * @param attempt names the attempt among all
 * @param identity what they must say of their run
 * @param everySeconds the longest time without one; 0: any
 * @param retention which stay
 * @param resumeFolder where those are that the attempt goes on from; null: it begins anew
 * @param resumeSteps which, in the order in which they are tried
 */
public record CheckpointSpec(
    String folder,
    String attempt,
    RunIdentity identity,
    int everySeconds,
    Retention retention,
    @Nullable String resumeFolder,
    List<Long> resumeSteps)
    implements Serializable {
  public CheckpointSpec {
    resumeSteps = List.copyOf(resumeSteps);
  }

  CheckpointInputs inputs(Configuration conf) throws IOException {
    return new CheckpointInputs(
        HadoopFolder.of(folder, conf),
        attempt,
        identity,
        everySeconds,
        retention,
        resumeFolder == null || resumeSteps.isEmpty()
            ? null
            : new CheckpointInputs.Resume(HadoopFolder.of(resumeFolder, conf), resumeSteps));
  }
}
