package dev.penstock.spark.barrier;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.engine.comm.LinkOptions;
import dev.penstock.engine.comm.RunSecret;
import dev.penstock.spark.TestSpark;
import dev.penstock.spark.interop.BarrierRdd;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.SparkException;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class BarrierRendezvousTest {
  private static final int RANKS = 3;

  @Test
  void everyRankHearsEveryMessageInRankOrder() {
    List<String> heard =
        run(
            ranks -> {
              BarrierRendezvous rendezvous = rendezvous(Duration.ofMinutes(1));
              return rendezvous.allGather("from " + rendezvous.rank()).iterator();
            });
    assertThat(heard)
        .hasSize(RANKS * RANKS)
        .startsWith("from 0", "from 1", "from 2")
        .endsWith("from 0", "from 1", "from 2");
  }

  @Test
  void rankThatDoesNotComeIsNotWaitedForForEver() {
    assertThatThrownBy(
            () ->
                run(
                    ranks -> {
                      BarrierRendezvous rendezvous = rendezvous(Duration.ofSeconds(1));
                      return rendezvous.rank() == 1
                          ? List.<String>of().iterator()
                          : rendezvous.allGather("hello").iterator();
                    }))
        .isInstanceOf(SparkException.class)
        .hasMessageContaining("waited 1 s at rendezvous 1")
        .hasMessageContaining("not all of the 3 ranks came");
  }

  private static List<String> run(FlatMapFunction<Iterator<Integer>, String> task) {
    JavaSparkContext spark = JavaSparkContext.fromSparkContext(TestSpark.session().sparkContext());
    return BarrierRdd.of(spark.parallelize(List.of(0, 1, 2), RANKS).mapPartitions(task)).collect();
  }

  private static BarrierRendezvous rendezvous(Duration timeout) {
    return new BarrierRendezvous(
        BarrierTaskContext.get(), "run", timeout, LinkOptions.of(RunSecret.of("test")));
  }
}
