package dev.penstock.spark.hub;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.config.Quoted;

/** What a hub refuses, and what to do about it. */
final class HubErrors {
  private final HubSettings settings;

  HubErrors(HubSettings settings) {
    this.settings = settings;
  }

  /**
   * Tells why.
   *
   * @param file that was asked for; empty: the model
   * @return it, to be thrown
   */
  ConfigException refused(HubName name, String file, HubAnswer answer) {
    String code = answer.header("X-Error-Code").orElse("");
    String said =
        answer.header("X-Error-Message").map(text -> " It says: " + Quoted.of(text)).orElse("");
    String problem =
        switch (code) {
          case "GatedRepo" -> gated(name);
          case "RepoNotFound" -> noModel(name);
          case "RevisionNotFound" ->
              "%s has no revision %s. Name a branch, a tag or a commit that it has: %s lists them."
                  .formatted(name.id(), Quoted.of(name.revision()), page(name, "/tree/main"));
          case "EntryNotFound" ->
              "%s has no file %s. Name another revision or model.".formatted(name, Quoted.of(file));
          default -> byStatus(name, answer, said);
        };
    return new ConfigException(
        "%s (%s answers %s%s)"
            .formatted(problem, answer.where(), answer.status(), code.isEmpty() ? "" : " " + code));
  }

  private String byStatus(HubName name, HubAnswer answer, String said) {
    return switch (answer.status()) {
      case 401 ->
          said.contains("Invalid credentials")
              ? "The hub does not know %s. Make a new token on its pages, and set HF_TOKEN to it, or log in again (hf auth login)."
                  .formatted(who())
              : noModel(name);
      case 403 ->
          "The hub does not let %s read %s.%s Use a token that may read it: set HF_TOKEN, or log in (hf auth login)."
              .formatted(who(), name, said);
      case 404 -> noModel(name);
      case 429 ->
          "The hub wants fewer requests%s.%s Try again later; with a token more are allowed (HF_TOKEN; now with %s)."
              .formatted(
                  answer.retryAfter().map(wait -> " for " + wait.toSeconds() + " s").orElse(""),
                  said,
                  who());
      default ->
          "The hub cannot serve %s now.%s Try again later, or check HF_ENDPOINT, which is %s."
              .formatted(name, said, settings.endpoint());
    };
  }

  private String noModel(HubName name) {
    return "There is no model %s at %s that %s may read. Check the spelling; if it is private or gated, set HF_TOKEN to a token of somebody who may read it, or log in (hf auth login). If a folder was meant, there is none of this name."
        .formatted(Quoted.of(name.id()), settings.endpoint(), who());
  }

  private String gated(HubName name) {
    return "%s is gated: its owners want to know who uses it, and %s has no access. Accept their terms at %s, and set HF_TOKEN to a token of the same user, or log in (hf auth login)."
        .formatted(name, who(), page(name, ""));
  }

  private String page(HubName name, String path) {
    return settings.endpoint() + "/" + name.id() + path;
  }

  private String who() {
    return settings.token().map(HubToken::toString).orElse("somebody without a token");
  }
}
