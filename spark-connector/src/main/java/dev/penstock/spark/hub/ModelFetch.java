package dev.penstock.spark.hub;

import dev.penstock.datasets.tokenize.TokenizerFiles;
import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.config.Quoted;
import dev.penstock.engine.modelfiles.AdapterFolder;
import dev.penstock.engine.safetensors.ModelWeights;
import dev.penstock.engine.safetensors.SafetensorsIndex;
import dev.penstock.storage.FileOutput;
import dev.penstock.storage.Folder;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings a part of a model into a cache: the files that are read here and no others, never pickled
 * weights or code. What is there is not fetched again.
 */
final class ModelFetch {
  private static final Logger log = LoggerFactory.getLogger(ModelFetch.class);

  private final HubClient client;
  private final HubHttp http;
  private final HubName name;
  private final ModelPart part;
  private final CachedModel target;
  private final FetchProgress progress;

  /**
   * @param name the model
   * @param target where it goes
   */
  ModelFetch(
      HubClient client,
      HubHttp http,
      HubName name,
      ModelPart part,
      CachedModel target,
      Consumer<String> lines) {
    this.client = client;
    this.http = http;
    this.name = name;
    this.part = part;
    this.target = target;
    this.progress = new FetchProgress(name, lines);
  }

  /** From another cache, which has all of it. */
  Snapshot copy(Snapshot source) throws IOException {
    Snapshot copy = new Snapshot(target, source.commit());
    copy(source, copy, source.files(part));
    for (String file : part.settings()) {
      if (source.model().lacks(source.commit(), file)) {
        note(() -> target.noteAbsent(copy.commit(), file));
      }
    }
    note(() -> target.remember(name.revision(), copy.commit()));
    return copy;
  }

  /**
   * From the hub.
   *
   * @param known what another cache has of the same commit; nothing: the revision is looked up
   */
  Snapshot fetch(Optional<Snapshot> known) throws IOException {
    HubClient.Listing listing =
        client.list(known.map(snapshot -> name.at(snapshot.commit())).orElse(name));
    Set<String> files = listing.files();
    check(files);
    Snapshot fetched = new Snapshot(target, listing.commit());
    List<String> small = new ArrayList<>(files.stream().filter(part::takes).toList());
    boolean sharded = part == ModelPart.MODEL && isSharded(files);
    if (sharded) {
      small.add(SafetensorsIndex.FILE_NAME);
    }
    bring(small, known, fetched);
    if (part == ModelPart.MODEL) {
      Set<String> weights =
          sharded
              ? Snapshot.shards(fetched.folder())
              : Set.of(isAdapter(files) ? AdapterFolder.WEIGHTS : ModelWeights.SINGLE_FILE);
      checkShards(weights, files);
      bring(weights, known, fetched);
    }
    for (String file : part.settings()) {
      if (!files.contains(file)) {
        note(() -> target.noteAbsent(fetched.commit(), file));
      }
    }
    note(() -> target.remember(name.revision(), fetched.commit()));
    return fetched;
  }

  private static boolean isAdapter(Set<String> files) {
    return files.contains(AdapterFolder.CONFIG);
  }

  private static boolean isSharded(Set<String> files) {
    return !isAdapter(files) && !files.contains(ModelWeights.SINGLE_FILE);
  }

  /** Refuses what cannot be opened before anything is fetched. */
  private void check(Set<String> files) {
    List<String> either =
        switch (part) {
          case CONFIG -> List.of(ModelPart.CONFIG_FILE, AdapterFolder.CONFIG);
          case TOKENIZER -> List.of(TokenizerFiles.TOKENIZER);
          case MODEL ->
              isAdapter(files)
                  ? List.of(AdapterFolder.WEIGHTS)
                  : List.of(ModelWeights.SINGLE_FILE, SafetensorsIndex.FILE_NAME);
        };
    if (either.stream().noneMatch(files::contains)
        || (part == ModelPart.MODEL
            && !isAdapter(files)
            && !files.contains(ModelPart.CONFIG_FILE))) {
      throw new ConfigException(
          "%s cannot be opened: it has no %s. It has: %s. %s"
              .formatted(
                  name,
                  either.stream().anyMatch(files::contains)
                      ? ModelPart.CONFIG_FILE
                      : String.join(" or ", either),
                  Quoted.list(files),
                  part == ModelPart.TOKENIZER
                      ? "Name a model that has one, or let transformers write it (AutoTokenizer.from_pretrained, save_pretrained) and give the folder."
                      : "Weights are read from safetensors alone, not from .bin, .gguf and others: name a revision or a model that has them, or save it anew with transformers and give the folder."));
    }
  }

  private void checkShards(Set<String> shards, Set<String> files) {
    Set<String> missing = new LinkedHashSet<>(shards);
    missing.removeAll(files);
    if (!missing.isEmpty()) {
      throw new ConfigException(
          "%s cannot be opened: its %s names files that it does not have: %s. Name another revision."
              .formatted(name, SafetensorsIndex.FILE_NAME, Quoted.list(missing)));
    }
  }

  private void bring(Collection<String> files, Optional<Snapshot> known, Snapshot fetched)
      throws IOException {
    List<String> here = new ArrayList<>();
    List<String> away = new ArrayList<>();
    for (String file : files) {
      if (!fetched.folder().exists(file)) {
        boolean isKnown = known.isPresent() && known.get().folder().exists(file);
        (isKnown ? here : away).add(file);
      }
    }
    if (!here.isEmpty()) {
      copy(known.orElseThrow(), fetched, here);
    }
    if (!away.isEmpty()) {
      download(away, fetched);
    }
  }

  private void download(List<String> files, Snapshot fetched) throws IOException {
    HubName pinned = name.at(fetched.commit());
    Queue<RemoteFile> wanted = new ConcurrentLinkedQueue<>();
    List<Callable<Void>> questions = new ArrayList<>();
    for (String file : files) {
      questions.add(
          () -> {
            RemoteFile remote = client.describe(pinned, file);
            if (!target.adopt(fetched.commit(), remote)) {
              wanted.add(remote);
            }
            return null;
          });
    }
    ParallelTasks.run(questions, () -> {});
    if (wanted.isEmpty()) {
      return;
    }
    long bytes = wanted.stream().mapToLong(file -> file.size().orElse(0)).sum();
    progress.expect(wanted.size(), bytes, target.folder().location());
    List<Callable<Void>> transfers = new ArrayList<>();
    for (RemoteFile file : wanted) {
      transfers.add(
          () -> {
            new FileTransfer(client, http, pinned, file, progress::came).into(target);
            return null;
          });
    }
    ParallelTasks.run(transfers, progress::tell);
    progress.tell();
  }

  private void copy(Snapshot source, Snapshot copy, List<String> files) throws IOException {
    List<Callable<Void>> copies = new ArrayList<>();
    long bytes = 0;
    for (String file : files) {
      if (!copy.folder().exists(file)) {
        bytes += source.folder().length(file);
        copies.add(
            () -> {
              copy(source.folder(), copy.folder(), file);
              return null;
            });
      }
    }
    if (!copies.isEmpty()) {
      progress.expect(copies.size(), bytes, copy.folder().location());
      ParallelTasks.run(copies, progress::tell);
      progress.tell();
    }
  }

  private void copy(Folder from, Folder to, String file) throws IOException {
    try (InputStream in = Channels.newInputStream(from.open(file));
        FileOutput out = to.create(file)) {
      byte[] piece = new byte[1 << 20];
      for (int n = in.read(piece); n >= 0; n = in.read(piece)) {
        out.write(piece, 0, n);
        progress.came(n);
      }
      out.commit();
    }
  }

  private interface Note {
    void write() throws IOException;
  }

  /** A cache that cannot be written serves all the same. */
  private static void note(Note note) {
    try {
      note.write();
    } catch (IOException e) {
      log.warn("The cache of models cannot be written: what was found is asked for again", e);
    }
  }
}
