package dev.penstock.engine.plan;

import static java.util.Objects.requireNonNull;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.config.Precision;
import dev.penstock.engine.config.Quoted;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a rank computes on, as far as a forecast needs to know.
 *
 * @param name as {@link #named} takes it
 * @param isGpu whether activations and weights are in a memory of its own
 * @param memoryBytes memory for tensors
 * @param float32Flops operations a second in products of float32, at most
 * @param bfloat16Flops the same in bfloat16
 * @param shareReached the share of them that training reaches, on a CPU in float32
 * @param memoryBandwidth bytes a second
 * @param linkBandwidth bytes a second to another rank, one way
 * @param source where the rates are from, for who reads the forecast
 * @param modules what the modules of a model took on it, in place of the rates of products; null:
 *     it was not measured
 */
public record DeviceProfile(
    String name,
    boolean isGpu,
    long memoryBytes,
    double float32Flops,
    double bfloat16Flops,
    double shareReached,
    double memoryBandwidth,
    double linkBandwidth,
    String source,
    @Nullable MeasuredModules modules) {
  private static final double GPU_SHARE = 0.4;
  private static final String DATA_SHEET = "its data sheet";

  private static final double CPU_SHARE = 0.8;
  private static final double CORE_BANDWIDTH = 8e9;
  private static final double CPU_LINK = 1e9;

  /** GPUs in their largest form; links are NVLink's, or PCI Express' where there is none. */
  private static final List<DeviceProfile> GPUS =
      List.of(
          gpu("h100", 80, 67e12, 989e12, 3.35e12, 450e9),
          gpu("h200", 141, 67e12, 989e12, 4.8e12, 450e9),
          gpu("a100", 80, 19.5e12, 312e12, 2.04e12, 300e9),
          gpu("l40s", 48, 91.6e12, 362e12, 0.864e12, 32e9));

  public DeviceProfile {
    requireNonNull(name, "name is null");
    requireNonNull(source, "source is null");
    for (double rate :
        new double[] {float32Flops, bfloat16Flops, shareReached, memoryBandwidth, linkBandwidth}) {
      if (!(rate > 0) || Double.isInfinite(rate)) {
        throw new ConfigException("A rate of a device must be above 0, but is " + rate + ".");
      }
    }
  }

  private static DeviceProfile gpu(
      String name,
      int gigabytes,
      double float32Flops,
      double bfloat16Flops,
      double memoryBandwidth,
      double linkBandwidth) {
    return new DeviceProfile(
        name,
        true,
        gigabytes * 1_000_000_000L,
        float32Flops,
        bfloat16Flops,
        GPU_SHARE,
        memoryBandwidth,
        linkBandwidth,
        DATA_SHEET,
        null);
  }

  /** Names of the GPUs that are known. */
  public static List<String> gpuNames() {
    return GPUS.stream().map(DeviceProfile::name).toList();
  }

  /**
   * A GPU by name.
   *
   * @throws ConfigException if it is not known
   */
  public static DeviceProfile named(String name) {
    return GPUS.stream()
        .filter(gpu -> gpu.name.equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new ConfigException(
                    "No device %s is known. Use one of %s, cpu, or cpu:measured."
                        .formatted(Quoted.of(name), String.join(", ", gpuNames()))));
  }

  /**
   * Some cores of a host.
   *
   * @param memoryBytes of the host
   * @param float32Flops operations a second that they reach in products
   * @param bfloat16Flops the same in bfloat16
   */
  public static DeviceProfile cpu(
      int cores, long memoryBytes, double float32Flops, double bfloat16Flops, String source) {
    return new DeviceProfile(
        "cpu",
        false,
        memoryBytes,
        float32Flops,
        bfloat16Flops,
        CPU_SHARE,
        cores * CORE_BANDWIDTH,
        CPU_LINK,
        source,
        null);
  }

  /**
   * The same device as it was measured.
   *
   * @param bandwidth bytes a second of its memory
   */
  public DeviceProfile measured(MeasuredModules measured, double bandwidth) {
    return new DeviceProfile(
        name,
        isGpu,
        memoryBytes,
        float32Flops,
        bfloat16Flops,
        shareReached,
        bandwidth,
        linkBandwidth,
        source,
        measured);
  }

  /** Operations a second at most. */
  public double peakFlops(Precision precision) {
    return precision == Precision.FLOAT32 ? float32Flops : bfloat16Flops;
  }

  /**
   * Operations a second that training reaches. On a CPU all that is not products takes as long in
   * either precision.
   */
  double flops(Precision precision) {
    if (isGpu) {
      return peakFlops(precision) * shareReached;
    }
    double restOfOperation = (1 / shareReached - 1) / float32Flops;
    return 1 / (1 / peakFlops(precision) + restOfOperation);
  }

  /** The share of {@link #peakFlops} that training reaches. */
  public double shareReached(Precision precision) {
    return flops(precision) / peakFlops(precision);
  }
}
