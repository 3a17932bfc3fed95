import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.yarn.server.MiniYARNCluster;

/** A YARN of two nodes, for YarnIT: writes its yarn-site.xml into a folder, ends with its input. */
public final class YarnCluster {
  private static final long POLL_MILLIS = 50;

  private YarnCluster() {}

  /** Arguments: the folder for the settings, and one for what the nodes write. */
  public static void main(String[] args) throws Exception {
    System.setProperty("test.build.data", args[1]); // else target/test/data below here
    Configuration conf = new Configuration();
    String queues = "yarn.scheduler.capacity.root.";
    conf.set(queues + "queues", "default");
    conf.set(queues + "default.capacity", "100");
    conf.set(queues + "default.maximum-capacity", "100");
    conf.set(queues + "default.state", "RUNNING");
    conf.set(queues + "default.acl_submit_applications", "*");
    conf.set("yarn.scheduler.capacity.maximum-am-resource-percent", "1");
    conf.set("yarn.resourcemanager.hostname", "localhost");
    conf.set("yarn.scheduler.minimum-allocation-mb", "128");
    conf.set("yarn.minicluster.yarn.nodemanager.resource.memory-mb", "4096");
    conf.set("yarn.nodemanager.vmem-check-enabled", "false");
    conf.set(
        "yarn.nodemanager.disk-health-checker.max-disk-utilization-per-disk-percentage", "100.0");
    try (MiniYARNCluster cluster = new MiniYARNCluster("penstock", 2, 1, 1)) {
      cluster.init(conf);
      cluster.start();
      while (cluster.getConfig().get("yarn.resourcemanager.address", ":0").endsWith(":0")) {
        Thread.sleep(POLL_MILLIS);
      }
      Path site = Path.of(args[0], "yarn-site.xml");
      try (OutputStream out = Files.newOutputStream(site)) {
        cluster.getConfig().writeXml(out);
      }
      System.out.println("YARN is up: " + cluster.getConfig().get("yarn.resourcemanager.address"));
      while (System.in.read() >= 0) {
        // until whoever started this ends
      }
    }
    System.exit(0);
  }
}
