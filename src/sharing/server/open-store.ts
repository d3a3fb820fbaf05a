// Opens the server that hosts share.

import type { SharedStore, StoreListener, StoreSpec } from '../shared-store.ts';

export declare function openStore(spec: StoreSpec, listener: StoreListener): SharedStore;
