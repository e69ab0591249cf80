#pragma once

#include <array>
#include <string_view>

namespace kiln::bake {

class BakeRun;

/// One step of a bake: a name that the time line, the events and the fault points use, and what it
/// does to the run. What a step made is undone by the run's members (kernel resources, in reverse
/// order) and by the ledger (everything that outlives the process).
struct Step {
    std::string_view name;
    void (*run)(BakeRun&);
};

/// The steps after the request was accepted, one file each (NAME.cpp).
void acquire(BakeRun&);         ///< a volume of the last common checkpoint, one of the parent that
                                ///< stands ready, or a new one
void attach(BakeRun&);          ///< the volume becomes a device of this host
void mount(BakeRun&);           ///< its root file system is found, grown, mounted
void fetch(BakeRun&);           ///< the bootstrap is laid into it
void run_commands(BakeRun&);    ///< the commands, each in its jail, each followed by a checkpoint
void finish(BakeRun&);          ///< logs out, lineage in, machine identity away
void unmount(BakeRun&);         ///< what was written is on the volume
void freeze(BakeRun&);          ///< the volume becomes a snapshot
void prove(BakeRun&);           ///< the snapshot boots, where that was asked for
void register_image(BakeRun&);  ///< the snapshot becomes an image, tagged and shared

inline constexpr std::array<Step, 10> kSteps{{
    {"acquire", acquire},
    {"attach", attach},
    {"mount", mount},
    {"fetch", fetch},
    {"run", run_commands},
    {"finish", finish},
    {"unmount", unmount},
    {"freeze", freeze},
    {"prove", prove},
    {"register", register_image},
}};

}  // namespace kiln::bake
