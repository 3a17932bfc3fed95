package dev.penstock.spark.barrier;

import dev.penstock.engine.train.RankResult;
import dev.penstock.spark.fs.HadoopFolder;
import dev.penstock.spark.interop.JavaBytes;
import java.io.IOException;
import java.io.Serializable;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The folder where ranks leave what they have to tell. What tasks hand back through Spark is
 * bounded by spark.driver.maxResultSize, which a long run's history would break, after the last
 * step; so they hand back a receipt.
 */
final class ResultFiles {
  private static final Logger log = LoggerFactory.getLogger(ResultFiles.class);
  private static final int LATEST = 256;

  private final HadoopFolder folder;

  ResultFiles(String folder, Configuration conf) throws IOException {
    this.folder = HadoopFolder.of(folder, conf);
  }

  /**
   * What a task hands back.
   *
   * @param file name of the rank's file
   * @param sha256 of its bytes, which the driver reads as objects only if they are these
   * @param result null, or the latest of it if the file could not be written
   */
  private record Receipt(String file, String sha256, @Nullable RankResult result)
      implements Serializable {}

  /** Leaves a result; returns the receipt. */
  byte[] leave(RankResult result) {
    String file = String.format(Locale.ROOT, "rank-%d.bin", result.rank());
    byte[] bytes = JavaBytes.of(result);
    try {
      folder.write(file, bytes);
      return JavaBytes.of(new Receipt(file, sha256(bytes), null));
    } catch (IOException e) {
      // The weights are saved: better a model with half of a history than none.
      log.warn("Rank {} cannot leave its history, and hands back the end of it", result.rank(), e);
      return JavaBytes.of(new Receipt(file, "", latest(result)));
    }
  }

  /** The result of a receipt. */
  RankResult take(byte[] receiptBytes) throws IOException {
    Receipt receipt = JavaBytes.read(receiptBytes, Receipt.class);
    if (receipt.result() != null) {
      return receipt.result();
    }
    byte[] bytes = folder.read(receipt.file());
    if (!sha256(bytes).equals(receipt.sha256())) {
      throw new IOException(
          "%s/%s is not what its rank wrote.".formatted(folder.location(), receipt.file()));
    }
    return JavaBytes.read(bytes, RankResult.class);
  }

  private static RankResult latest(RankResult result) {
    return new RankResult(
        result.rank(),
        latest(result.steps()),
        latest(result.validations()),
        result.bestStep(),
        result.saved(),
        List.of(),
        result.peakNativeBytes(),
        result.estimate(),
        result.phaseSeconds(),
        latest(result.dataSeconds()),
        result.checkpoints());
  }

  private static <T> List<T> latest(List<T> values) {
    return values.subList(Math.max(0, values.size() - LATEST), values.size());
  }

  private static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every JDK has it
    }
  }
}
