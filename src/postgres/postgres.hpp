/*
 * postgres.hpp -- the only door to the server's headers.
 *
 * Every file of this folder includes it first, directly or through another header of this folder.
 * The server's headers are C: they come inside extern "C", and the macros that would break C++
 * headers included later are taken away again.  What only few files need (planner, executor,
 * catalogs) they include themselves, through SIM_SERVER_BEGIN and SIM_SERVER_END.
 */
#pragma once

#define SIM_SERVER_BEGIN extern "C" {
#define SIM_SERVER_END }

SIM_SERVER_BEGIN
#include <postgres.h>

#include <fmgr.h>
#include <funcapi.h>
#include <miscadmin.h>

#include <access/htup_details.h>
#include <access/tupdesc.h>
#include <access/xact.h>
#include <catalog/pg_type.h>
#include <executor/spi.h>
#include <lib/stringinfo.h>
#include <mb/pg_wchar.h>
#include <nodes/execnodes.h>
#include <nodes/pg_list.h>
#include <utils/array.h>
#include <utils/builtins.h>
#include <utils/elog.h>
#include <utils/jsonb.h>
#include <utils/memutils.h>
#include <utils/palloc.h>
SIM_SERVER_END

/* The server's <c.h> defines these for C; C++ headers use the names. */
#undef Abs
#undef Max
#undef Min
#undef Trap
#undef _
#undef gettext
#undef ngettext
#undef dgettext
#undef dngettext
#undef printf
#undef fprintf
#undef sprintf
#undef snprintf
#undef vprintf
#undef vfprintf
#undef vsprintf
#undef vsnprintf
#undef strerror
#undef strerror_r

#include "compat.hpp"
