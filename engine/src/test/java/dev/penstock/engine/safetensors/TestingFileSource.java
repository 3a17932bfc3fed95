package dev.penstock.engine.safetensors;

import dev.penstock.storage.FileSource;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A folder in memory that remembers which files were opened. */
final class TestingFileSource implements FileSource {
  private final Map<String, byte[]> files = new HashMap<>();
  private final List<String> opened = new ArrayList<>();
  private final List<TestingByteChannel> channels = new ArrayList<>();

  TestingFileSource with(String name, byte[] bytes) {
    files.put(name, bytes);
    return this;
  }

  List<String> opened() {
    return opened;
  }

  long numOpen() {
    return channels.stream().filter(TestingByteChannel::isOpen).count();
  }

  boolean allClosed() {
    return numOpen() == 0;
  }

  @Override
  public String location() {
    return "memory:/model";
  }

  @Override
  public boolean exists(String name) {
    return files.containsKey(name);
  }

  @Override
  public long length(String name) throws NoSuchFileException {
    return bytes(name).length;
  }

  @Override
  public SeekableByteChannel open(String name) throws NoSuchFileException {
    TestingByteChannel channel = new TestingByteChannel(bytes(name));
    opened.add(name);
    channels.add(channel);
    return channel;
  }

  private byte[] bytes(String name) throws NoSuchFileException {
    if (!files.containsKey(name)) {
      throw new NoSuchFileException(location() + "/" + name);
    }
    return files.get(name);
  }
}
