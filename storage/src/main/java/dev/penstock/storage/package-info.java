/**
 * Folders of files, wherever they are kept: what reads and writes models, checkpoints and shards.
 */
package dev.penstock.storage;
