package dev.penstock.spark.hub;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.storage.Folder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds models by their names: in the caches, else on the hub. What a cache has is not asked for
 * again, so a branch that moves on is not noticed. One fetch of a model at a time in a JVM.
 */
public final class HubModels {
  private static final Logger log = LoggerFactory.getLogger(HubModels.class);
  private static final Map<String, Object> LOCKS = new ConcurrentHashMap<>();

  private final HubSettings settings;
  private final Function<String, ? extends Folder> storage;
  private final @Nullable String shared;
  private final boolean readsCache;
  private final Consumer<String> lines;
  private final HubHttp.Pause pause;

  /**
   * @param environment the value of an environment variable; null if it is not set
   * @param storage opens the folder at a URI
   * @param shared the folder that models are fetched into; null: the cache of this machine
   * @param readsCache whether a model may be used from the cache of this machine as it lies there
   * @param lines is told how far a model has come
   * @throws ConfigException if a variable cannot be
   */
  public static HubModels of(
      UnaryOperator<String> environment,
      Function<String, ? extends Folder> storage,
      @Nullable String shared,
      boolean readsCache,
      Consumer<String> lines)
      throws IOException {
    return new HubModels(
        HubSettings.read(environment),
        storage,
        shared,
        readsCache,
        lines,
        wait -> Thread.sleep(wait.toMillis()));
  }

  HubModels(
      HubSettings settings,
      Function<String, ? extends Folder> storage,
      @Nullable String shared,
      boolean readsCache,
      Consumer<String> lines,
      HubHttp.Pause pause) {
    this.settings = settings;
    this.storage = storage;
    this.shared = shared;
    this.readsCache = readsCache;
    this.lines = lines;
    this.pause = pause;
  }

  /**
   * A model in a folder.
   *
   * @param name with the commit
   * @param folder where it lies
   */
  public record Found(HubName name, String folder) {}

  /**
   * Finds a model, and fetches what is missing.
   *
   * @throws ConfigException if there is none of this name, it may not be read, it cannot be opened,
   *     or nothing may be fetched
   * @throws IOException if it cannot be written
   */
  public Found find(HubName name, ModelPart part) throws IOException {
    CachedModel cached = cached(name);
    CachedModel target = shared == null ? cached : sharedModel(name, shared);
    synchronized (LOCKS.computeIfAbsent(target.folder().location(), key -> new Object())) {
      Snapshot snapshot = find(name, part, cached, target);
      return new Found(name.at(snapshot.commit()), snapshot.folder().location());
    }
  }

  private CachedModel cached(HubName name) {
    Path path = settings.cache().resolve(name.folder());
    return new LinkedModel(() -> storage.apply(path.toUri().toString()), path);
  }

  private CachedModel sharedModel(HubName name, String folder) {
    return new CachedModel(() -> storage.apply(folder).folder(name.folder()));
  }

  private Snapshot find(HubName name, ModelPart part, CachedModel cached, CachedModel target)
      throws IOException {
    Optional<Snapshot> there = usable(target, name, part);
    Optional<Snapshot> here = usable(cached, name, part);
    List<Snapshot> direct =
        Stream.of(there, readsCache ? here : Optional.<Snapshot>empty())
            .flatMap(Optional::stream)
            .toList();
    for (Snapshot snapshot : direct) {
      if (snapshot.isComplete(part)) {
        return snapshot;
      }
    }
    HubHttp http = new HubHttp(settings, pause);
    ModelFetch fetch =
        new ModelFetch(new HubClient(settings, http), http, name, part, target, lines);
    if (here.isPresent() && here.get().isComplete(part)) {
      return fetch.copy(here.get());
    }
    Optional<Snapshot> known = there.or(() -> here);
    if (!settings.offline()) {
      try {
        return fetch.fetch(known);
      } catch (HubConnectionException | ConfigException e) {
        if (known.isEmpty()) {
          throw e instanceof ConfigException refused ? refused : unreachable(name, e);
        }
        log.warn("{} is taken from the cache, which may not have all of it", name, e);
      }
    }
    if (!direct.isEmpty()) {
      return direct.get(0);
    }
    return fetch.copy(known.orElseThrow(() -> offline(name)));
  }

  private static Optional<Snapshot> usable(CachedModel model, HubName name, ModelPart part)
      throws IOException {
    Optional<Snapshot> snapshot = Snapshot.find(model, name.revision());
    return snapshot.isPresent() && snapshot.get().isUsable(part) ? snapshot : Optional.empty();
  }

  private ConfigException unreachable(HubName name, Exception e) {
    return new ConfigException(
        "%s cannot be fetched from %s: %s. Check the network, HF_ENDPOINT and HTTPS_PROXY (a proxy that asks for a password needs -Djdk.http.auth.tunneling.disabledSchemes=); or fetch it where there is a way (hf download %s) and give the folder."
            .formatted(name, settings.endpoint(), e.getMessage(), name.id()),
        e);
  }

  private ConfigException offline(HubName name) {
    return new ConfigException(
        "%s is not in the cache in %s, and HF_HUB_OFFLINE says that nothing is fetched. Clear it, or give the folder of a model."
            .formatted(name, settings.cache()));
  }
}
