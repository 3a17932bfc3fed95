package dev.penstock.spark.fs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.engine.checkpoint.TestingCheckpoint;
import dev.penstock.storage.FaultyFolder;
import dev.penstock.storage.FaultyFolder.Change;
import dev.penstock.storage.Folder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.hdfs.MiniDFSCluster;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Checkpoints on an HDFS whose only DataNode restarts while they are written. */
@Timeout(300)
class DataNodeRestartIT {
  /**
   * Several packets of what an HDFS client sends at once, so that a file is begun and not ended.
   */
  private static final TestingCheckpoint LARGE = new TestingCheckpoint(300_000);

  @TempDir Path temp;

  @Test
  void newestIsWholeWhereverTheDataNodeRestarts() throws Exception {
    try (MiniDFSCluster cluster =
        new MiniDFSCluster.Builder(new Configuration(), temp.toFile()).build()) {
      cluster.waitActive();
      Folder folder = HadoopFolder.of(cluster.getURI() + "/checkpoints", new Configuration());
      LARGE.save(folder, "first", 1);
      long step = 1;
      for (Moment moment : MOMENTS) {
        step++;
        LARGE.save(new FaultyFolder(folder, moment.restarting(cluster)), "second", step);
        assertThat(LARGE.load(folder)).as("after %s", moment).isBetween(1L, step);
      }
      LARGE.save(folder, "second", step + 1);
      assertThat(LARGE.load(folder)).isEqualTo(step + 1);
      assertThat(folder.folders()).hasSize(1);
    }
  }

  private static final List<Moment> MOMENTS =
      List.of(
          new Moment(Change.CREATE, "rank-00000", 1),
          new Moment(Change.WRITE, "rank-00000", 4),
          new Moment(Change.COMMIT, "rank-00001", 1),
          new Moment(Change.COMMIT, "manifest.json", 1),
          new Moment(Change.DELETE, "rank-00001", 1));

  /**
   * When the DataNode restarts.
   *
   * @param number how many such changes there are, with that one
   */
  private record Moment(Change change, String file, int number) {
    FaultyFolder.Gate restarting(MiniDFSCluster cluster) {
      AtomicInteger left = new AtomicInteger(number);
      return (what, name) -> {
        if (what == change && name.contains(file) && left.decrementAndGet() == 0) {
          if (!cluster.restartDataNode(0, true)) {
            throw new IOException("The DataNode does not come again.");
          }
          cluster.waitActive();
        }
      };
    }
  }
}
