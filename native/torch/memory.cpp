// Memory of large tensors on the processor: in huge pages where the system gives them, and kept for the next tensor of about that
// size. Fresh pages are a fifth of a training step otherwise: the C library hands every large block back, and the kernel clears
// another, 4 KiB at a time, for the next.
#include "boundary.h"

#include <c10/core/CPUAllocator.h>
#include <c10/core/impl/alloc_cpu.h>

#ifdef __linux__
#include <sys/mman.h>

#include <algorithm>
#include <mutex>
#include <unordered_map>
#include <vector>

namespace {

constexpr size_t huge_page = size_t{2} << 20;
constexpr size_t small_page = size_t{4} << 10;
constexpr size_t least = size_t{1} << 20;  // smaller tensors are the C library's
constexpr int window = 4096;               // allocations after which the largest use may be forgotten

struct Block {
    void* start;
    size_t size;
};

// Blocks that begin at a huge page. What is in use and what is kept are together never more than what was in use at once lately:
// keeping costs no memory that the process did not need anyway.
class LargeBlocks {
public:
    void* take(size_t bytes) {
        std::lock_guard<std::mutex> lock(mutex);
        auto block = reuse(bytes);
        if (!block.start) block = map((bytes + small_page - 1) / small_page * small_page);
        if (!block.start) return nullptr;
        used[block.start] = block.size;
        in_use += block.size;
        recent = std::max(recent, in_use);
        if (++taken % window == 0) {
            before = recent;
            recent = in_use;
        }
        unmap_surplus();
        return block.start;
    }

    // False for a block of the C library.
    bool give_back(void* start) {
        if (reinterpret_cast<uintptr_t>(start) % huge_page != 0) return false;
        std::lock_guard<std::mutex> lock(mutex);
        auto found = used.find(start);
        if (found == used.end()) return false;
        kept.push_back({start, found->second});
        in_use -= found->second;
        in_keeping += found->second;
        used.erase(found);
        unmap_surplus();
        return true;
    }

    void empty() {
        std::lock_guard<std::mutex> lock(mutex);
        recent = in_use;
        before = 0;
        unmap_surplus();
    }

    void figures(int64_t* bytes_in_use, int64_t* bytes_kept) {
        std::lock_guard<std::mutex> lock(mutex);
        *bytes_in_use = static_cast<int64_t>(in_use);
        *bytes_kept = static_cast<int64_t>(in_keeping);
    }

private:
    // The kept block that fits best; at most an eighth of it is left unused.
    Block reuse(size_t bytes) {
        auto best = kept.end();
        for (auto block = kept.begin(); block != kept.end(); ++block)
            if (block->size >= bytes && block->size - bytes <= bytes / 8 && (best == kept.end() || block->size <= best->size)) best = block;
        if (best == kept.end()) return {nullptr, 0};
        auto found = *best;
        kept.erase(best);
        in_keeping -= found.size;
        return found;
    }

    Block map(size_t size) {
        auto whole = mmap(nullptr, size + huge_page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (whole == MAP_FAILED) return {nullptr, 0};
        auto begin = reinterpret_cast<uintptr_t>(whole);
        auto start = (begin + huge_page - 1) / huge_page * huge_page;
        if (start > begin) munmap(whole, start - begin);
        if (start + size < begin + size + huge_page) munmap(reinterpret_cast<void*>(start + size), begin + huge_page - start);
        if (size >= huge_page) madvise(reinterpret_cast<void*>(start), size / huge_page * huge_page, MADV_HUGEPAGE);
        return {reinterpret_cast<void*>(start), size};
    }

    void unmap_surplus() {
        auto most = std::max(recent, before);
        auto oldest = kept.begin();
        for (; oldest != kept.end() && in_use + in_keeping > most; ++oldest) {
            in_keeping -= oldest->size;
            munmap(oldest->start, oldest->size);
        }
        kept.erase(kept.begin(), oldest);
    }

    std::mutex mutex;
    std::unordered_map<void*, size_t> used;
    std::vector<Block> kept;  // oldest first
    size_t in_use = 0, in_keeping = 0, recent = 0, before = 0;
    uint64_t taken = 0;
};

// Never destroyed: tensors may outlive the library's static objects.
LargeBlocks& blocks() {
    static auto* all = new LargeBlocks;
    return *all;
}

void give_back(void* start) {
    if (start && !blocks().give_back(start)) c10::free_cpu(start);
}

class Allocator final : public c10::Allocator {
public:
    // Whether it is const depends on the version of libtorch.
    c10::DataPtr allocate(size_t bytes) { return const_cast<const Allocator*>(this)->allocate(bytes); }

    c10::DataPtr allocate(size_t bytes) const {
        auto start = bytes >= least ? blocks().take(bytes) : nullptr;
        if (!start) start = c10::alloc_cpu(bytes);
        return {start, start, &give_back, c10::Device(c10::DeviceType::CPU)};
    }

    c10::DeleterFnPtr raw_deleter() const override { return &give_back; }

    // Of newer versions.
    void copy_data(void* to, const void* from, size_t count) const { std::memcpy(to, from, count); }
};

}  // namespace

FT_API ft_keep_large_blocks() {
    return fovea::guarded([] {
        static Allocator allocator;
        c10::SetCPUAllocator(&allocator, 1);
    });
}

FT_API ft_empty_large_blocks() {
    return fovea::guarded([] { blocks().empty(); });
}

// Bytes of large tensors, and bytes kept for the next.
FT_API ft_large_blocks(int64_t* in_use, int64_t* kept) {
    return fovea::guarded([&] { blocks().figures(in_use, kept); });
}
#else
FT_API ft_keep_large_blocks() { return 0; }

FT_API ft_empty_large_blocks() { return 0; }

FT_API ft_large_blocks(int64_t* in_use, int64_t* kept) {
    *in_use = *kept = 0;
    return 0;
}
#endif
