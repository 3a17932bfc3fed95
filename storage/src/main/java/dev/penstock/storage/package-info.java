/**
 * Folders of files, wherever they are kept: what reads and writes models, checkpoints and shards,
 * and who may write them.
 */
package dev.penstock.storage;
