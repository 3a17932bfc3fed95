package dev.penstock.spark.fs;

import dev.penstock.datasets.shard.ShardStore;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.SeekableByteChannel;
import java.util.List;
import org.apache.hadoop.conf.Configuration;

/** Token shards on any Hadoop file system. */
public final class HadoopShardStore implements ShardStore {
  private final HadoopFolder folder;

  private HadoopShardStore(HadoopFolder folder) {
    this.folder = folder;
  }

  /** The store of a folder, which need not exist. */
  public static HadoopShardStore of(String folder, Configuration conf) throws IOException {
    return new HadoopShardStore(HadoopFolder.of(folder, conf));
  }

  @Override
  public String location() {
    return folder.location();
  }

  @Override
  public boolean exists(String name) throws IOException {
    return folder.exists(name);
  }

  @Override
  public long length(String name) throws IOException {
    return folder.length(name);
  }

  @Override
  public List<String> list() throws IOException {
    return folder.list();
  }

  @Override
  public SeekableByteChannel open(String name) throws IOException {
    return folder.open(name);
  }

  @Override
  public OutputStream create(String name) throws IOException {
    return folder.create(name);
  }

  @Override
  public void delete(String name) throws IOException {
    folder.delete(name);
  }
}
