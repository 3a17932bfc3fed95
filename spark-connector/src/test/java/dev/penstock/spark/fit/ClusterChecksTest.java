package dev.penstock.spark.fit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.config.ParallelConfig;
import dev.penstock.engine.config.Precision;
import dev.penstock.engine.plan.MemoryEstimate;
import dev.penstock.engine.torch.Processor;
import dev.penstock.spark.CausalLMTrainer;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.apache.spark.SparkConf;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the driver knows of the cluster before anything starts. */
class ClusterChecksTest {
  private static final Processor OLD = new Processor("amd64", "GenuineIntel", Set.of("avx2"));

  private static final long MB = 1L << 20;
  private static final ParallelConfig TWO = new ParallelConfig(2, 1);

  private final SparkConf conf = new SparkConf(false).set("spark.master", "yarn");
  private final CausalLMTrainer trainer = new CausalLMTrainer();

  private static List<MemoryEstimate> estimates(long... megabytes) {
    return LongStream.of(megabytes)
        .mapToObj(each -> new MemoryEstimate(0, each * MB, 0, 0, 0, 0, 0, 0))
        .toList();
  }

  private static RankMemory ranks(long... megabytes) {
    return RankMemory.expected(estimates(megabytes));
  }

  @Test
  void memoryBesideTheHeapThatIsTooLittleIsToldWithTheSetting() {
    conf.set("spark.executor.memory", "1g");
    MemoryCheck check = new MemoryCheck(TWO, 1, conf);
    assertThat(check.problem(ranks(10, 84))).isNull();
    assertThat(check.problem(ranks(10, 500)))
        .contains("take 800 MB beside the Java heap", "leaves 384 MB")
        .contains("Set spark.executor.memoryOverhead=880m");
    assertThatCode(() -> check.check(ranks(10, 500), false)).doesNotThrowAnyException();
  }

  @Test
  void whatCannotFitIsRefusedUnlessTheParamSaysOtherwise() {
    MemoryCheck check = new MemoryCheck(TWO, 1, conf.set("spark.executor.memoryOverhead", "512"));
    assertThatThrownBy(() -> check.check(ranks(10, 5000), false))
        .isInstanceOf(ConfigException.class)
        .hasMessageContainingAll("5300 MB", "spark.executor.memoryOverhead leaves 512 MB", "warn");
    assertThatCode(() -> check.check(ranks(10, 5000), true)).doesNotThrowAnyException();
  }

  @Test
  void ranksThatMayShareAnExecutorAreAddedUp() {
    conf.set("spark.executor.cores", "4");
    assertThat(new MemoryCheck(new ParallelConfig(3, 1), 2, conf).problem(ranks(100, 300, 200)))
        .contains("ranks (up to 2) are expected to take 800 MB");
    conf.set("spark.executor.memoryOverheadFactor", "0.9").set("spark.executor.memory", "1000m");
    assertThat(new MemoryCheck(new ParallelConfig(3, 1), 2, conf).problem(ranks(100, 300, 200)))
        .isNull();
  }

  /** What the user says needs no margin, and is no guess that might be wrong. */
  @Test
  void overheadThatTheUserStatesMustBeThere() {
    conf.set("spark.executor.cores", "2").set("spark.executor.memory", "8g");
    trainer.setRankMemoryOverhead("3g");
    RankMemory stated = RankMemory.of(trainer, estimates(10, 20));
    MemoryCheck check = new MemoryCheck(TWO, 1, conf);
    assertThatThrownBy(() -> check.check(stated, false))
        .isInstanceOf(ConfigException.class)
        .hasMessageContainingAll("ranks (up to 2) take 6144 MB", "memoryOverhead=6144m");
    assertThatCode(() -> check.check(stated, true)).doesNotThrowAnyException();
    conf.set("spark.executor.memoryOverhead", "6g");
    assertThatCode(() -> check.check(stated, false)).doesNotThrowAnyException();
    trainer.setRankMemoryOverhead("much");
    assertThatThrownBy(() -> RankMemory.of(trainer, estimates(10, 20)))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("rankMemoryOverhead is 'much'");
  }

  @Test
  void whereNoLimitIsKnownNothingIsSaid() {
    conf.set("spark.master", "spark://host:7077");
    assertThatCode(() -> new MemoryCheck(TWO, 1, conf).check(ranks(10, 1 << 30), false))
        .doesNotThrowAnyException();
  }

  @Test
  void hostsHoldTheRanksThatMayMeetThereAndTheHeaps() {
    List<HostMemory> executors =
        List.of(
            new HostMemory("small", "0", 2000 * MB, 0, OLD),
            new HostMemory("large", "1", 8000 * MB, 0, OLD),
            new HostMemory("large", "2", 8000 * MB, 0, OLD));
    HostMemoryCheck check = new HostMemoryCheck(new ParallelConfig(2, 2), 6, 1000 * MB);
    assertThatCode(() -> check.check(ranks(100, 300), executors, false)).doesNotThrowAnyException();
    assertThatCode(() -> check.check(ranks(100, 400), executors, false)).doesNotThrowAnyException();
    assertThatThrownBy(() -> check.check(ranks(100, 900), executors, false))
        .isInstanceOf(ConfigException.class)
        .hasMessageContainingAll(
            "Host small has 2000 MB", "up to 2", "take 2100 MB", "up to 1000 MB", "memoryCheck");
    assertThatCode(() -> check.check(ranks(100, 900), executors, true)).doesNotThrowAnyException();
  }

  @Test
  void gpusHoldTheFullestRank() {
    GpuMemoryCheck check = new GpuMemoryCheck(estimates(5000, 9000));
    assertThatCode(() -> check.check(gpus(0, 0), false)).doesNotThrowAnyException();
    assertThatCode(() -> check.check(gpus(10_024, 0, 20_000), false)).doesNotThrowAnyException();
    assertThatCode(() -> check.check(gpus(10_023, 20_000), false)).doesNotThrowAnyException();
    assertThatThrownBy(() -> check.check(gpus(0, 8000, 9500), false))
        .isInstanceOf(ConfigException.class)
        .hasMessageContainingAll(
            "rank 0 is expected to take 10024 MB", "host 1 has 8000 MB", "ppSize", "memoryCheck");
    assertThatCode(() -> check.check(gpus(8000), true)).doesNotThrowAnyException();
  }

  private static List<HostMemory> gpus(long... megabytes) {
    return IntStream.range(0, megabytes.length)
        .mapToObj(
            host -> new HostMemory("" + host, "" + host, 64_000 * MB, megabytes[host] * MB, OLD))
        .toList();
  }

  @Test
  void bfloat16IsRefusedWhereNoHostMultipliesIt() {
    HostMemory old = new HostMemory("old", "0", 8000 * MB, 0, OLD);
    HostMemory young =
        new HostMemory(
            "young", "1", 8000 * MB, 0, new Processor("amd64", "GenuineIntel", Set.of("amx_bf16")));
    ProcessorCheck check = new ProcessorCheck(Precision.BFLOAT16);
    assertThatThrownBy(() -> check.check(List.of(old)))
        .isInstanceOf(ConfigException.class)
        .hasMessageContainingAll("on host old the processor has neither amx_bf16", "float32");
    assertThatCode(() -> check.check(List.of(old, young))).doesNotThrowAnyException();
    assertThatCode(() -> new ProcessorCheck(Precision.FLOAT32).check(List.of(old)))
        .doesNotThrowAnyException();
  }

  @Test
  void theSmallestGpuIsFoundInWhatTheToolSays() {
    assertThat(GpuMemory.smallest("143771\n81559\n[N/A]\n")).isEqualTo(81_559 * MB);
    assertThat(GpuMemory.smallest("Failed to initialize NVML\n")).isZero();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "spark.network.crypto.enabled",
        "spark.ssl.rpc.enabled",
        "spark.authenticate.enableSaslEncryption"
      })
  void ranksEncryptWhereSparkDoes(String setting) {
    assertThat(RankLinks.encrypted(trainer, conf, false)).isFalse();
    conf.set(setting, "true");
    assertThat(RankLinks.encrypted(trainer, conf, false)).isTrue();
    assertThat(RankLinks.encrypted(trainer, conf, true)).isFalse();
    trainer.setDevice("cuda");
    assertThatThrownBy(() -> RankLinks.encrypted(trainer, conf, false))
        .isInstanceOf(ConfigException.class)
        .hasMessageContainingAll(setting, "allowUnencryptedRanks");
    trainer.setAllowUnencryptedRanks(true);
    assertThat(RankLinks.encrypted(trainer, conf, false)).isFalse();
  }

  @Test
  void gpusOfTheTasksCountAsSuch() {
    conf.set("spark.ssl.rpc.enabled", "true").set("spark.task.resource.gpu.amount", "1");
    assertThatThrownBy(() -> RankLinks.encrypted(trainer, conf, false))
        .isInstanceOf(ConfigException.class);
    trainer.setDevice("cpu");
    assertThat(RankLinks.encrypted(trainer, conf, false)).isTrue();
  }
}
