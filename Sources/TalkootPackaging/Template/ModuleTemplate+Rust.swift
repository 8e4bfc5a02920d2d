extension ModuleTemplate {
    /// What cargo reads.
    var cargo: String {
        """
        [package]
        name = "\(name)"
        version = "0.1.0"
        edition = "2021"

        [lib]
        crate-type = ["cdylib"]
        path = "src/lib.rs"

        [profile.release]
        panic = "abort"
        lto = true

        """
    }

    /// What puts the library where `talkoot module` looks for it.
    var rustBuild: String {
        """
        #!/bin/sh
        # Builds the library and puts it where `talkoot module` looks for it.
        set -e
        cd "$(dirname "$0")"
        RUSTFLAGS="-C link-arg=-Wl,-z,noexecstack" cargo build --release
        platform="$(uname -m)-linux-gnu"
        mkdir -p "lib/$platform"
        cp "target/release/lib\(identifier).so" "lib/$platform/module.so"

        """
    }

    /// The module in Rust: the structs of `talkoot.h` by hand.
    var rustSource: String {
        """
        //! \(name): the sum of the squares of the numbers below a limit. An item is a number.
        //! The structs are those of talkoot.h; fields of the host that this module does not use stand as plain pointers.
        use std::ffi::{c_char, c_void};

        #[repr(C)]
        pub struct Bytes { data: *const c_void, size: usize }

        #[repr(C)]
        pub struct Unit {
            struct_size: u32, attempt: u32, index: u64, first_item: u64, item_count: u64, seed: u64,
            input: Bytes, common: Bytes, checkpoint: Bytes,
        }

        #[repr(C)]
        pub struct Host {
            abi_version: u32,
            struct_size: u32,
            integer: extern "C" fn(*const Host, *const c_char) -> i64,
            real: *const c_void,
            flag: *const c_void,
            text: *const c_void,
            write: extern "C" fn(*const Host, *const c_void, usize) -> i32,
            reserve: *const c_void,
            should_stop: *const c_void,
            progress: *const c_void,
            checkpoint: *const c_void,
            log: *const c_void,
            fail: extern "C" fn(*const Host, *const c_char) -> i32,
        }

        #[repr(C)]
        pub struct Module {
            abi_version: u32,
            struct_size: u32,
            plan: Option<extern "C" fn(*const Host, u64, *mut u64) -> i32>,
            run: Option<extern "C" fn(*const Host, *const Unit) -> i32>,
            merge: Option<extern "C" fn(*const Host, *const Bytes, usize) -> i32>,
            finish: Option<extern "C" fn(*const Host, Bytes) -> i32>,
            equal: *const c_void,
        }
        unsafe impl Sync for Module {}

        fn write(host: &Host, bytes: &[u8]) -> i32 { (host.write)(host, bytes.as_ptr().cast(), bytes.len()) }
        fn fail(host: &Host) -> i32 { (host.fail)(host, c"a result has another size than eight bytes".as_ptr()) }

        /// Results come from other machines: one of another size is none.
        fn number(bytes: &Bytes) -> Option<u64> {
            if bytes.size != 8 { return None; }
            Some(u64::from_le_bytes(unsafe { *bytes.data.cast::<[u8; 8]>() }))
        }

        extern "C" fn plan(host: *const Host, _input: u64, items: *mut u64) -> i32 {
            unsafe { *items = ((*host).integer)(host, c"limit".as_ptr()) as u64 };
            0
        }

        extern "C" fn run(host: *const Host, unit: *const Unit) -> i32 {
            let (host, unit) = unsafe { (&*host, &*unit) };
            let items = unit.first_item..unit.first_item + unit.item_count;
            let sum = items.fold(0u64, |sum, n| sum.wrapping_add(n.wrapping_mul(n)));
            write(host, &sum.to_le_bytes())
        }

        extern "C" fn merge(host: *const Host, results: *const Bytes, count: usize) -> i32 {
            let host = unsafe { &*host };
            let mut sum = 0u64;
            for index in 0..count {
                match number(unsafe { &*results.add(index) }) {
                    Some(part) => sum = sum.wrapping_add(part),
                    None => return fail(host),
                }
            }
            write(host, &sum.to_le_bytes())
        }

        extern "C" fn finish(host: *const Host, merged: Bytes) -> i32 {
            let host = unsafe { &*host };
            let sum = if merged.size == 0 { Some(0) } else { number(&merged) };
            match sum {
                Some(sum) => write(host, format!("{sum}\\n").as_bytes()),
                None => fail(host),
            }
        }

        static MODULE: Module = Module {
            abi_version: 1, struct_size: std::mem::size_of::<Module>() as u32,
            plan: Some(plan), run: Some(run), merge: Some(merge), finish: Some(finish), equal: std::ptr::null(),
        };

        #[no_mangle]
        pub extern "C" fn talkoot_module_v1(_host: *const Host) -> *const Module { &MODULE }

        """
    }
}
