import './style.css';

document.body.textContent = 'Inglenook';
