/**
 * Models by the name that they have on a Hugging Face hub: its protocol, and the cache that its own
 * clients share.
 */
package dev.penstock.spark.hub;
