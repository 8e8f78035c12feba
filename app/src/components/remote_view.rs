//! The three faces of something read from the server: skeleton, failure, content.

use crate::components::reactive::act;
use leptos::prelude::*;

use super::{Empty, say_failure};
use crate::{i18n::*, state::remote::Remote};

/// Rows of the true height; they appear only when reading takes over 150 ms (in the style sheet).
#[component]
pub fn Skeleton(#[prop(default = 6)] rows: usize) -> impl IntoView {
    let i18n = use_i18n();
    view! {
        <div class="skels" role="status">
            <span class="sr">{tr!(i18n, common.loading)}</span>
            {(0..rows).map(|_| view! { <div class="skels__row"><span class="skel"></span><span class="skel"></span></div> }).collect_view()}
        </div>
    }
}

/// Shows what `source` holds; `again` reads anew after a failure.
#[component]
pub fn RemoteView<T: Clone + Send + Sync + PartialEq + 'static>(
    source: RwSignal<Remote<T>>,
    #[prop(into)] again: Callback<()>,
    /// Made once; it reads `source` itself.
    children: ChildrenFn,
) -> impl IntoView {
    let i18n = use_i18n();
    let face = Memo::new(move |_| {
        source.with(|source| match source {
            Remote::Loading => Err(None),
            Remote::Failed(failure) => Err(Some(failure.clone())),
            Remote::Ready(_) => Ok(()),
        })
    });
    move || match face.get() {
        Ok(()) => children().into_any(),
        Err(None) => view! { <Skeleton/> }.into_any(),
        Err(Some(failure)) => {
            let lead = Signal::derive(move || say_failure(i18n, &failure));
            view! {
                <Empty icon="wifi-off" title=tr!(i18n, failure.title) lead=lead>
                    <button class="btn" on:click=act(move |_| again.run(()))>{tr!(i18n, common.again)}</button>
                </Empty>
            }
            .into_any()
        }
    }
}
