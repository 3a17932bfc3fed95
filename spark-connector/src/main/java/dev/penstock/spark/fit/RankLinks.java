package dev.penstock.spark.fit;

import dev.penstock.engine.comm.LinkOptions;
import dev.penstock.engine.comm.PortRange;
import dev.penstock.engine.comm.RunSecret;
import dev.penstock.engine.config.ConfigException;
import dev.penstock.spark.params.TrainerOption;
import dev.penstock.spark.params.TrainerParams;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext;

/** How the ranks of a fit connect, by its Params and by what Spark is told about its network. */
final class RankLinks {
  private static final String GPUS = "spark.task.resource.gpu.amount";

  /** What makes Spark encrypt its own connections. */
  private static final List<String> ENCRYPTION =
      List.of(
          "spark.network.crypto.enabled",
          "spark.ssl.rpc.enabled",
          "spark.authenticate.enableSaslEncryption");

  private RankLinks() {}

  /**
   * Makes the options of a run, and its secret.
   *
   * @throws ConfigException if the Params are wrong, or the ranks cannot do what Spark is told
   */
  static LinkOptions of(TrainerParams<?> params, SparkContext spark) {
    return new LinkOptions(
        RunSecret.random(),
        Duration.ofSeconds(params.getHeartbeatTimeout()),
        encrypted(params, spark.conf(), spark.isLocal()),
        params.<String>valueIfAny(TrainerOption.RANK_INTERFACE).orElse(null),
        ports(params));
  }

  private static PortRange ports(TrainerParams<?> params) {
    Optional<String> ports = params.valueIfAny(TrainerOption.RANK_PORTS);
    try {
      return ports.isEmpty() ? PortRange.ANY : PortRange.parse(ports.get());
    } catch (IllegalArgumentException e) {
      throw new ConfigException("rankPorts is wrong: " + e.getMessage(), e);
    }
  }

  static boolean encrypted(TrainerParams<?> params, SparkConf conf, boolean local) {
    Optional<String> wanted =
        ENCRYPTION.stream().filter(setting -> conf.getBoolean(setting, false)).findFirst();
    if (wanted.isEmpty() || local || params.getAllowUnencryptedRanks()) {
      return false;
    }
    if (onGpus(params, conf)) {
      throw new ConfigException(
          ("Spark is told to encrypt its network (%s), but ranks on GPUs exchange data over NCCL,"
                  + " which cannot. Set allowUnencryptedRanks if the network between the executors is"
                  + " trusted, or device to cpu.")
              .formatted(wanted.get()));
    }
    return true;
  }

  /** Whether the ranks will compute on GPUs, as far as the driver can tell. */
  static boolean onGpus(TrainerParams<?> params, SparkConf conf) {
    double gpus =
        params
            .<Integer>valueIfAny(TrainerOption.RANK_GPUS)
            .map(Integer::doubleValue)
            .orElseGet(() -> conf.getDouble(GPUS, 0));
    return params.getDevice().equals("cuda") || (params.getDevice().equals("auto") && gpus > 0);
  }
}
