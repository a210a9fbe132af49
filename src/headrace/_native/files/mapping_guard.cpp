#include "files/mapping_guard.hpp"

#include <mutex>

#if defined(__unix__) || defined(__APPLE__)
#define HEADRACE_HAS_SIGBUS
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#endif

namespace headrace {

namespace {

using Region = MappingGuard::Region;

std::mutex g_mutex;
std::atomic<Region*> g_regions = nullptr;

#ifdef HEADRACE_HAS_SIGBUS

uintptr_t g_page_bytes = 0;
struct sigaction g_previous = {};

// Maps zeros from the page of `address` to the end of its region: a cut file has lost all pages from there on.
bool replace_pages(uintptr_t address) {
    for (Region* region = g_regions; region; region = region->next) {
        const uintptr_t start = region->start, end = region->end;
        if (!start || address < start || address >= end) continue;
        const uintptr_t page = address & ~(g_page_bytes - 1);
        region->broken = true;
        return mmap(reinterpret_cast<void*>(page), end - page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != MAP_FAILED;
    }
    return false;
}

// Calls only what is safe in a handler of signals.
void handle(int number, siginfo_t* info, void* context) {
    const int error = errno;
    const bool is_replaced = info->si_code == BUS_ADRERR && replace_pages(reinterpret_cast<uintptr_t>(info->si_addr));
    errno = error;
    if (is_replaced) return;
    if (g_previous.sa_flags & SA_SIGINFO) return g_previous.sa_sigaction(number, info, context);
    if (g_previous.sa_handler != SIG_DFL && g_previous.sa_handler != SIG_IGN) return g_previous.sa_handler(number);
    signal(number, SIG_DFL);  // what failed fails again, and ends the process
    if (info->si_code <= 0) raise(number);
}

void install() {
    g_page_bytes = static_cast<uintptr_t>(sysconf(_SC_PAGESIZE));
    struct sigaction current = {};
    if (sigaction(SIGBUS, nullptr, &current) || ((current.sa_flags & SA_SIGINFO) && current.sa_sigaction == handle)) return;
    struct sigaction ours = {};
    ours.sa_sigaction = handle;
    ours.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESTART;
    sigemptyset(&ours.sa_mask);
    g_previous = current;
    sigaction(SIGBUS, &ours, nullptr);
}

#else

constexpr uintptr_t g_page_bytes = 1;
void install() {}

#endif

}  // namespace

MappingGuard::MappingGuard(const void* start, size_t size) {
    const std::lock_guard lock(g_mutex);
    install();
    region_ = g_regions;
    while (region_ && region_->start) region_ = region_->next;
    if (!region_) {
        region_ = new Region;
        region_->next = g_regions;
        g_regions = region_;
    }
    const auto first = reinterpret_cast<uintptr_t>(start);
    region_->broken = false;
    region_->end = size ? (first + size + g_page_bytes - 1) & ~(g_page_bytes - 1) : 1;
    region_->start = size ? first : 1;
}

MappingGuard::~MappingGuard() { region_->start = 0; }

void MappingGuard::arm() const {
    const std::lock_guard lock(g_mutex);
    install();
}

}  // namespace headrace
