/*
 * threads.hpp -- work shared by a few threads of one process, which are gone when it is done.
 *
 * Threads are made for one piece of work and joined before the caller goes on, whatever way it
 * ends: a process that is about to report an error, to fork or to end has one thread again.  They
 * take no signals, so that the handlers of the process run in the thread they were written for.
 */
#pragma once

#include <functional>

#include "core/control.hpp"

namespace sim {

/*
 * Calls work(thread, control) for each thread from 0 to threads - 1, 0 being the caller; fewer
 * where the system gives no more.  Only the caller's thread asks `control`; the others are told.
 *
 * The first exception asks all to stop and is thrown when all have; Error(cancelled) where
 * `control` asks to.  Requires: threads >= 1; work asks its control now and then, and may be called
 * by several threads at once.
 */
void run_in_threads(int threads, Control& control,
                    const std::function<void(int thread, Control& control)>& work);

}  // namespace sim
