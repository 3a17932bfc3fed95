package dev.penstock.storage;

import java.io.IOException;
import java.nio.channels.SeekableByteChannel;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** A folder whose process dies before the operation after so many that change something. */
final class DyingFolder implements Folder {
  private final Folder folder;
  private final AtomicInteger left;

  DyingFolder(Folder folder, int operations) {
    this(folder, new AtomicInteger(operations));
  }

  private DyingFolder(Folder folder, AtomicInteger left) {
    this.folder = folder;
    this.left = left;
  }

  /** The process is no more. */
  static final class Death extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  private void change() {
    if (left.getAndDecrement() <= 0) {
      throw new Death();
    }
  }

  @Override
  public FileOutput create(String name) throws IOException {
    change();
    return folder.create(name);
  }

  @Override
  public void delete(String name) throws IOException {
    change();
    folder.delete(name);
  }

  @Override
  public void move(String from, String to) throws IOException {
    change();
    folder.move(from, to);
  }

  /** Not at once: one file after the other. */
  @Override
  public void deleteAll() throws IOException {
    for (String name : folder.listAll()) {
      change();
      folder.delete(name);
    }
    folder.deleteAll();
  }

  @Override
  public void deleteIfEmpty() throws IOException {
    change();
    folder.deleteIfEmpty();
  }

  @Override
  public Folder folder(String name) {
    return new DyingFolder(folder.folder(name), left);
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
  public SeekableByteChannel open(String name) throws IOException {
    return folder.open(name);
  }

  @Override
  public List<String> list() throws IOException {
    return folder.list();
  }

  @Override
  public List<String> listAll() throws IOException {
    return folder.listAll();
  }

  @Override
  public List<String> folders() throws IOException {
    return folder.folders();
  }

  @Override
  public long modifiedMillis(String name) throws IOException {
    return folder.modifiedMillis(name);
  }

  @Override
  public boolean movesCheaply() throws IOException {
    return folder.movesCheaply();
  }
}
