package dev.penstock.spark.fs;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;

/**
 * One S3 store for all tests of this JVM, in a process that ends with it. In memory: one on files
 * keeps folders whose last object is gone, as no object store does.
 */
public final class TestS3 {
  private static final String BUCKET = "penstock";
  private static final int PORT = start();

  private TestS3() {}

  private static int start() {
    try {
      int port = freePort();
      Path folder = Files.createTempDirectory("penstock-s3");
      Path settings =
          Files.writeString(
              folder.resolve("s3proxy.properties"),
              String.format(
                  Locale.ROOT,
                  """
              s3proxy.endpoint=http://127.0.0.1:%d
              s3proxy.authorization=none
              jclouds.provider=transient
              jclouds.identity=any
              jclouds.credential=any
              """,
                  port));
      Process process =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-Xmx512m",
                  "-cp",
                  Files.readString(Path.of("target", "s3proxy.classpath")).strip(),
                  "org.gaul.s3proxy.Main",
                  "--properties",
                  settings.toString())
              .redirectErrorStream(true)
              .start();
      Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
      awaitStart(process);
      createBucket(port);
      return port;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private static void createBucket(int port) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/" + BUCKET))
            .PUT(HttpRequest.BodyPublishers.noBody())
            .build();
    HttpResponse<String> answer =
        HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
    if (answer.statusCode() != 200) {
      throw new IOException("The store made no bucket: " + answer + " " + answer.body());
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  /** Reads its log to the line that says it listens; the rest is read and dropped. */
  private static void awaitStart(Process process) throws IOException {
    BufferedReader log = process.inputReader(UTF_8);
    StringBuilder seen = new StringBuilder();
    for (String line = log.readLine(); line != null; line = log.readLine()) {
      seen.append(line).append('\n');
      if (line.contains("Started") && line.contains("127.0.0.1")) {
        Thread rest = new Thread(() -> log.lines().forEach(dropped -> {}), "s3proxy-log");
        rest.setDaemon(true);
        rest.start();
        return;
      }
    }
    throw new IOException("S3Proxy ended:\n" + seen);
  }

  /** URI of a folder that no test had before. */
  public static String newFolder() {
    return "s3a://" + BUCKET + "/" + UUID.randomUUID();
  }

  /** Adds what s3a needs to reach the store. */
  public static Configuration configure(Configuration conf) {
    conf.set("fs.s3a.endpoint", "http://127.0.0.1:" + PORT);
    conf.set("fs.s3a.endpoint.region", "us-east-1");
    conf.set("fs.s3a.path.style.access", "true");
    conf.set("fs.s3a.bucket.probe", "0");
    conf.set("fs.s3a.change.detection.mode", "none");
    conf.set("fs.s3a.access.key", "any");
    conf.set("fs.s3a.secret.key", "any");
    return conf;
  }
}
