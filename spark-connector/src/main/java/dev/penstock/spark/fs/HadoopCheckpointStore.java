package dev.penstock.spark.fs;

import dev.penstock.engine.checkpoint.CheckpointStore;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.SeekableByteChannel;
import java.util.List;
import org.apache.hadoop.conf.Configuration;

/** Models and checkpoints on any Hadoop file system. */
public final class HadoopCheckpointStore implements CheckpointStore {
  private final HadoopFolder folder;

  private HadoopCheckpointStore(HadoopFolder folder) {
    this.folder = folder;
  }

  /** The store of a folder, which need not exist. */
  public static HadoopCheckpointStore of(String folder, Configuration conf) throws IOException {
    return new HadoopCheckpointStore(HadoopFolder.of(folder, conf));
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
