// The report of a process that a signal ends: the signal, and the address.

#ifndef CCRASHREPORT_H
#define CCRASHREPORT_H

// Installs handlers for SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGFPE, SIGABRT and SIGSYS. Each writes one line to
// standard error and to the log, then hands the signal to the handler that was there before, so
// that exit status and core dump stay the same. Called once, before there are threads.
//
// `program` is the beginning of the line, such as "download-service 2.0.0"; it is copied.
void crash_report_install(const char *program);

// The file that also gets the line; -1 for none.
void crash_report_set_log(int descriptor);

#endif
