/*
 * early_start.cpp -- starts the address sanitizer before any library does anything.
 *
 * The sanitizer starts inside the first allocation.  In a server whose libraries translate messages
 * that allocation is made by a library's constructor inside bindtextdomain, which holds glibc's
 * lock on translations; the start looks up a symbol that is not there, asks for the translated
 * message, releases that lock in passing, and the next bindtextdomain waits for ever.  Preloaded
 * and linked to be initialised first, this library makes the first allocation while nobody holds
 * anything.
 */

#include <cstdlib>

namespace {

__attribute__((constructor)) void make_first_allocation() {
  void* volatile memory = std::malloc(1);
  std::free(memory);
}

}  // namespace
