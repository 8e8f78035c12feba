// The service worker: notifications of calls while no page of ours is seen. It keeps nothing and
// answers no request. The page says what to show; a click goes back to the page.
//
// page -> worker: { show: tag, title, body, answer, reject } or { close: tag }
// worker -> page: { call: tag, action: 'answer' | 'reject' | '' }

self.addEventListener('install', () => self.skipWaiting());
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));

self.addEventListener('message', ({ data }) => {
  if (data.show) {
    self.registration.showNotification(data.title, {
      tag: data.show,
      body: data.body,
      icon: '/icon-192.png',
      badge: '/icon-192.png',
      requireInteraction: true,
      actions: [
        { action: 'answer', title: data.answer },
        { action: 'reject', title: data.reject },
      ].filter(({ title }) => title),
    });
  }
  if (data.close) {
    self.registration.getNotifications({ tag: data.close })
      .then((shown) => shown.forEach((one) => one.close()));
  }
});

self.addEventListener('notificationclick', (event) => {
  const { notification, action } = event;
  notification.close();
  event.waitUntil(act(notification.tag, action));
});

async function act(tag, action) {
  const pages = await self.clients.matchAll({ type: 'window' });
  pages.forEach((page) => page.postMessage({ call: tag, action }));
  if (action === 'reject') return;
  if (pages.length === 0) await self.clients.openWindow('/');
  else await pages[0].focus();
}
