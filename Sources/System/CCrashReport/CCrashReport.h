// The last line of a process that a signal ends: which one, and where it was.

#ifndef CCRASHREPORT_H
#define CCRASHREPORT_H

// Installs handlers for SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGFPE, SIGABRT and SIGSYS. Each writes one line to
// standard error and to the log, then hands the signal to whatever was there before, so that exit
// status and core dump stay what they were. Called once, before there are threads.
//
// `program` is what the line begins with, such as "download-service 2.0.0"; it is copied.
void crash_report_install(const char *program);

// Where the line goes besides standard error; -1 for nowhere.
void crash_report_set_log(int descriptor);

#endif
